"""This renderer against Manim's own command: same scenes, same machine, taken in turns.

Every figure is wall time of whole commands, imports included, unless it says otherwise. Ratios
are what counts: the machine may be busy with something else, but it is so for both.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deltarender.benchmark import ssim, synthetic_scenes
from deltarender.benchmark.encode_only import NEAREST
from deltarender.encoding.x264_stream import options_for
from deltarender.errors import RenderError
from deltarender.jobs import Job, RenderSettings, SceneRef

Figures = dict[str, Any]


def measure(
    targets: Sequence[SceneRef], profile: RenderSettings, jobs: int, *, curves: bool = False
) -> Figures:
    """The figures of one comparison, JSON-ready. Raises RenderError where a render fails."""
    with tempfile.TemporaryDirectory(prefix="gradreel-bench-") as name:
        folder = Path(name)
        result: Figures = {
            "profile": profile.name,
            "scenes": [_one(target, profile, folder) for target in targets],
            "batch": _batch(targets, profile, jobs, folder),
            "floor": _floor(targets, profile, jobs, folder),
            "likeness": ssim.compare(targets[0], profile, folder, stock),
        }
        frames = sum(scene["frames"] for scene in result["scenes"])
        batch, floor = result["batch"], result["floor"]
        batch["wall_per_frame_ms"] = _round(1000 * batch["ours"]["wall"] / frames)
        for name in ("x264", "own"):
            least = floor[f"{name}_wall_per_frame_ms"]
            batch[f"times_{name}_floor"] = _round(batch["wall_per_frame_ms"] / least)
        if curves:
            result["curves"] = _curves(profile, jobs, folder)
        return result


def _one(target: SceneRef, profile: RenderSettings, folder: Path) -> Figures:
    """One scene with Manim and with us, twice each, alternately; the better of two counts."""
    runs = [
        (stock(target, profile, folder / f"stock{k}"), ours([target], profile, 1, folder / f"o{k}"))
        for k in range(2)
    ]
    theirs = min((run[0] for run in runs), key=lambda run: run["wall"])
    own = min((run[1] for run in runs), key=lambda run: run["wall"])
    row = own["results"][0]
    return {
        "scene": target.name,
        "frames": row["frames"],
        "stock": _times(theirs),
        "ours": _times(own),
        "wall_ratio": _round(theirs["wall"] / own["wall"]),
        "cpu_ratio": _round(theirs["cpu"] / own["cpu"]),
        "size_ratio": _round(Path(row["path"]).stat().st_size / theirs["file"].stat().st_size),
        "per_frame_ms": {
            stage: _round(1000 * seconds / row["frames"])
            for stage, seconds in row.get("stages", {}).items()
        },
        "worker_memory_mb": round(row["memory"] / 1e6),
    }


def _batch(
    targets: Sequence[SceneRef], profile: RenderSettings, jobs: int, folder: Path
) -> Figures:
    """All scenes; ours twice on all jobs and on one, alternately: the better of two counts."""
    one_after_the_other = [stock(t, profile, folder / "batch-stock") for t in targets]
    runs = [
        (
            ours(targets, profile, jobs, folder / name),
            ours(targets, profile, 1, folder / f"{name}1"),
        )
        for name in ("batch-ours", "batch-ours-again")
    ]
    same_encoder = [stock(t, profile, folder / "batch-same", nearest=True) for t in targets]
    again = ours(targets, profile, jobs, folder / "batch-ours")
    own = min((together for together, _ in runs), key=lambda run: run["wall"])
    walls = [sum(run["wall"] for run in all_) for all_ in (one_after_the_other, same_encoder)]
    workers = [min(sum(row["cpu"] for row in turn[k]["results"]) for turn in runs) for k in (0, 1)]
    return {
        "jobs": jobs,
        "stock": {"wall": _round(walls[0]), "cpu": _round(_cpu(one_after_the_other))},
        "stock_with_our_encoder": {"wall": _round(walls[1]), "cpu": _round(_cpu(same_encoder))},
        "ours": _times(own),
        "wall_ratio": _round(walls[0] / own["wall"]),
        "cpu_ratio": _round(_cpu(one_after_the_other) / own["cpu"]),
        "wall_ratio_same_encoder": _round(walls[1] / own["wall"]),
        "unchanged_seconds": _round(again["wall"]),
        "unchanged_ratio": _round(walls[0] / again["wall"]),
        "cost_of_sharing": _round(workers[0] / workers[1] - 1),
    }


def _cpu(runs: Sequence[Figures]) -> float:
    return float(sum(run["cpu"] for run in runs))


def stock(
    target: SceneRef, profile: RenderSettings, media: Path, *, nearest: bool = False, **options: str
) -> Figures:
    """Render with the `manim` command; wall and CPU seconds, peak memory, the file.

    `nearest` lets its encoder be as quick as it can be without looking worse than ours.
    """
    own = options_for(NEAREST, profile.fps) if nearest else {}
    # Manim's encoder is made by a configuration file; an empty one is as good as none.
    config = media / "manim.cfg"
    media.mkdir(parents=True, exist_ok=True)
    lines = [f"{name} = {value}" for name, value in {**own, **options}.items()]
    config.write_text("\n".join(["[CLI]", "[video_encoder.options]", *lines, ""]))
    command = [
        sys.executable, "-m", "manim", "render", str(target.file), target.cls,
        "--resolution", f"{profile.width},{profile.height}", "--fps", f"{profile.fps:g}",
        "--media_dir", str(media), "--progress_bar", "none", "--config_file", str(config),
    ]  # fmt: skip
    run = _timed(command, {"GRADREEL_THEME": profile.theme})
    files = [
        path for path in media.rglob(f"{target.cls}.mp4") if "partial_movie_files" not in path.parts
    ]
    if not files:
        raise RenderError("manim has made no video of it.", where=str(target))
    return {**run, "file": files[0]}


def ours(targets: Sequence[SceneRef], profile: RenderSettings, jobs: int, media: Path) -> Figures:
    """Render with this renderer in a process of its own; the same figures, and the results."""
    import pickle

    work = media / "work.pickle"
    media.mkdir(parents=True, exist_ok=True)
    work.write_bytes(pickle.dumps(([Job(t, profile, (), media) for t in targets], jobs)))
    run = _timed([sys.executable, "-m", "deltarender.benchmark.compare", str(work)], {})
    told = json.loads((media / "told.json").read_text())
    for row in told["results"]:
        if row["status"] not in ("rendered", "fresh"):
            raise RenderError(f"it failed: {row['error']}", where=row["scene"])
    return {**run, "cpu": run["cpu"] + told["cpu"], "results": told["results"]}


def _timed(command: list[str], more: dict[str, str]) -> Figures:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(
        command, env={**os.environ, **more}, capture_output=True, text=True, check=False
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RenderError(f"{command[2]} failed: {done.stderr[-1500:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": wall, "cpu": cpu, "peak": after.ru_maxrss}


def _times(run: Figures) -> Figures:
    return {"wall": _round(run["wall"]), "cpu": _round(run["cpu"])}


def _round(value: float) -> float:
    return round(value, 3)


def _floor(
    targets: Sequence[SceneRef], profile: RenderSettings, jobs: int, folder: Path
) -> Figures:
    """The same pictures, drawn and converted already, through an encoder on all cores.

    Once through x264, with the settings nearest to ours, once through our own. The better of two
    runs counts, as it does of ours.
    """
    films = [str(next((folder / "batch-ours").rglob(f"{t.name}.mp4"))) for t in targets]
    walls: dict[str, list[float]] = {"x264": [], profile.encode: []}
    for encode in [*walls] * 2:
        command = [sys.executable, "-m", "deltarender.benchmark.encode_only", encode, *films]
        running = [
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(jobs)
        ]
        told = [json.loads(process.communicate()[0]) for process in running]
        seconds = sum(row["seconds"] / row["frames"] for row in told) / jobs
        walls[encode].append(1000 * seconds / jobs)
    return {
        "frames": told[0]["frames"],
        "x264_wall_per_frame_ms": _round(min(walls["x264"])),
        "own_wall_per_frame_ms": _round(min(walls[profile.encode])),
    }


def _curves(profile: RenderSettings, jobs: int, folder: Path) -> Figures:
    """Time of whole runs against frames, mobjects, scenes and jobs, of scenes made for it."""
    file = synthetic_scenes.write(folder / "synthetic.py")

    def seconds(classes: Sequence[str], workers: int) -> float:
        media = folder / f"curve-{len(list(folder.iterdir()))}"
        found = [SceneRef(file, name, name) for name in classes]
        return _round(ours(found, profile, workers, media)["wall"])

    most = 4
    return {
        "frames": {n: seconds([f"Long{n}"], 1) for n in synthetic_scenes.LENGTHS},
        "mobjects": {n: seconds([f"Full{n}"], 1) for n in synthetic_scenes.COUNTS},
        "scenes": {n: seconds(synthetic_scenes.alike(n), jobs) for n in (1, 2, most)},
        "jobs": {n: seconds(synthetic_scenes.alike(most), n) for n in range(1, jobs + 1)},
    }


def as_text(result: Figures) -> str:
    """The figures for reading."""
    lines = [f"{result['profile']}: stock manim = 1; higher is faster"]
    for scene in result["scenes"]:
        stages = ", ".join(f"{k} {v:g}" for k, v in scene["per_frame_ms"].items())
        lines.append(
            f"{scene['scene']}: wall x{scene['wall_ratio']:g}, cpu x{scene['cpu_ratio']:g}, "
            f"size x{scene['size_ratio']:g}, {scene['worker_memory_mb']} MB; ms a frame: {stages}"
        )
    batch, floor = result["batch"], result["floor"]
    lines += [
        f"batch on {batch['jobs']} jobs: wall x{batch['wall_ratio']:g}, "
        f"cpu x{batch['cpu_ratio']:g}, "
        f"with stock's encoder set near ours x{batch['wall_ratio_same_encoder']:g}",
        f"unchanged batch: {batch['unchanged_seconds']:g} s, x{batch['unchanged_ratio']:g}",
        f"per frame {batch['wall_per_frame_ms']:g} ms; coding alone: "
        f"by x264 {floor['x264_wall_per_frame_ms']:g} (x{batch['times_x264_floor']:g}), "
        f"by our own coder {floor['own_wall_per_frame_ms']:g} (x{batch['times_own_floor']:g})",
        f"cost of sharing the machine: {batch['cost_of_sharing']:.0%} of a scene's CPU time",
        "mean SSIM: "
        + ", ".join(f"{name} {value:.5f}" for name, value in result["likeness"].items()),
    ]
    for name, curve in result.get("curves", {}).items():
        lines.append(f"{name}: " + ", ".join(f"{k}: {v:g} s" for k, v in curve.items()))
    return "\n".join(lines)


def _work(path: Path) -> None:
    """The body of the process that `ours` starts."""
    import pickle
    from multiprocessing import forkserver

    from deltarender.batch import BatchOptions, render

    jobs, workers = pickle.loads(path.read_bytes())
    report = render(jobs, BatchOptions(jobs=workers))
    rows = []
    for result in report.results:
        row, outcome = result.as_json(), result.outcome
        if outcome is not None:
            row |= {
                "stages": outcome.data.get("stages", {}),
                "memory": outcome.peak_memory,
                "cpu": outcome.cpu_seconds,
            }
        rows.append(row)
    server = getattr(forkserver._forkserver, "_forkserver_pid", None)
    told = {"results": rows, "cpu": _cpu_of(server)}
    (path.parent / "told.json").write_text(json.dumps(told))


def _cpu_of(pid: int | None) -> float:
    """CPU seconds of a process and of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    _work(Path(sys.argv[1]))
