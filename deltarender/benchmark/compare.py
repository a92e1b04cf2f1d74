"""Compares this renderer with the `manim` command: same scenes, same machine, alternating runs.

Figures are wall times of whole commands, imports included, unless stated otherwise. The ratios are
what counts: load by other programs affects both sides.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deltarender.batch import Preload, preload_nothing
from deltarender.benchmark import ssim, synthetic_scenes
from deltarender.benchmark.encode_only import COMPARABLE_X264
from deltarender.benchmark.timed_runs import Figures, compile_bytecode, run_deltarender, run_manim
from deltarender.encoding.x264_stream import x264_options
from deltarender.jobs import RenderSettings, SceneRef

REPEATS = 2  # the faster run counts


def measure(
    targets: Sequence[SceneRef],
    profile: RenderSettings,
    jobs: int,
    *,
    curves: bool = False,
    environment: Mapping[str, str] | None = None,
    preload: Preload = preload_nothing,
) -> Figures:
    """All figures of one comparison, JSON-ready.

    `environment` are variables for both renderers, such as the theme of the scenes. `preload`
    is that of BatchOptions. Raises RenderError if a scene fails.
    """
    compile_bytecode()
    with tempfile.TemporaryDirectory(prefix="deltarender-bench-") as name:
        comparison = _Comparison(targets, profile, jobs, Path(name), environment or {}, preload)
        result: Figures = {
            "profile": profile.name,
            "scenes": [comparison.one_scene(target) for target in targets],
            "batch": comparison.batch(),
            "floor": comparison.encoding_floor(),
            "likeness": ssim.compare(targets[0], comparison.folder, comparison.manim),
        }
        frames = sum(scene["frames"] for scene in result["scenes"])
        batch, floor = result["batch"], result["floor"]
        batch["wall_per_frame_ms"] = _round(1000 * batch["ours"]["wall"] / frames)
        for encoder in ("x264", "own"):
            floor_ms = floor[f"{encoder}_wall_per_frame_ms"]
            batch[f"times_{encoder}_floor"] = _round(batch["wall_per_frame_ms"] / floor_ms)
        if curves:
            result["curves"] = comparison.curves()
        return result


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The inputs of one comparison, and its parts. All output goes below `folder`."""

    targets: Sequence[SceneRef]
    profile: RenderSettings
    jobs: int
    folder: Path
    environment: Mapping[str, str]
    preload: Preload

    @property
    def manim(self) -> Callable[..., Figures]:
        """`run_manim` for a scene, a folder name and encoder options."""

        def run(target: SceneRef, name: str, options: Mapping[str, str] | None = None) -> Figures:
            return run_manim(
                target, self.profile, self.folder / name,
                encoder_options=options, environment=self.environment,
            )  # fmt: skip

        return run

    def ours(self, targets: Sequence[SceneRef], jobs: int, name: str) -> Figures:
        """`run_deltarender` with output in the folder `name`."""
        return run_deltarender(
            targets, self.profile, jobs, self.folder / name,
            environment=self.environment, preload=self.preload,
        )  # fmt: skip

    def one_scene(self, target: SceneRef) -> Figures:
        """One scene with Manim and with this renderer, alternating."""
        runs = [
            (self.manim(target, f"stock{k}"), self.ours([target], 1, f"o{k}"))
            for k in range(REPEATS)
        ]
        stock, ours = (min(side, key=lambda run: run["wall"]) for side in zip(*runs, strict=True))
        row = ours["results"][0]
        return {
            "scene": target.name,
            "frames": row["frames"],
            "stock": _times(stock),
            "ours": _times(ours),
            "wall_ratio": _round(stock["wall"] / ours["wall"]),
            "cpu_ratio": _round(stock["cpu"] / ours["cpu"]),
            "size_ratio": _round(Path(row["path"]).stat().st_size / stock["file"].stat().st_size),
            "per_frame_ms": {
                stage: _round(1000 * seconds / row["frames"])
                for stage, seconds in row.get("stages", {}).items()
            },
            "worker_memory_mb": round(row["memory"] / 1e6),
        }

    def batch(self) -> Figures:
        """All scenes with Manim one by one, and with this renderer on all jobs and on one."""
        stock = [self.manim(target, "batch-stock") for target in self.targets]
        runs = [
            (self.ours(self.targets, self.jobs, name), self.ours(self.targets, 1, f"{name}1"))
            for name in ("batch-ours", "batch-ours-again")[:REPEATS]
        ]
        options = x264_options(COMPARABLE_X264, self.profile.fps)
        same_encoder = [self.manim(target, "batch-same", options) for target in self.targets]
        unchanged = self.ours(self.targets, self.jobs, "batch-ours")
        ours = min((parallel for parallel, _ in runs), key=lambda run: run["wall"])
        stock_wall, same_wall = (_total(side, "wall") for side in (stock, same_encoder))
        parallel_cpu, serial_cpu = (
            min(_total(pair[k]["results"], "cpu") for pair in runs) for k in (0, 1)
        )
        return {
            "jobs": self.jobs,
            "stock": {"wall": _round(stock_wall), "cpu": _round(_total(stock, "cpu"))},
            "stock_with_our_encoder": {
                "wall": _round(same_wall), "cpu": _round(_total(same_encoder, "cpu")),
            },
            "ours": _times(ours),
            "wall_ratio": _round(stock_wall / ours["wall"]),
            "cpu_ratio": _round(_total(stock, "cpu") / ours["cpu"]),
            "wall_ratio_same_encoder": _round(same_wall / ours["wall"]),
            "unchanged_seconds": _round(unchanged["wall"]),
            "unchanged_ratio": _round(stock_wall / unchanged["wall"]),
            "cost_of_sharing": _round(parallel_cpu / serial_cpu - 1),
        }  # fmt: skip

    def encoding_floor(self) -> Figures:
        """Milliseconds per frame of encoding alone, on all cores, by x264 and by our encoder.

        The frames are already drawn and converted. The x264 settings are those nearest to our
        encoder in quality.
        """
        videos = [
            str(next((self.folder / "batch-ours").rglob(f"{target.name}.mp4")))
            for target in self.targets
        ]
        walls: dict[str, list[float]] = {"x264": [], self.profile.encode: []}
        for encode in [*walls] * REPEATS:
            command = [sys.executable, "-m", "deltarender.benchmark.encode_only", encode, *videos]
            processes = [
                subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
                for _ in range(self.jobs)
            ]
            rows = [json.loads(process.communicate()[0]) for process in processes]
            seconds = sum(row["seconds"] / row["frames"] for row in rows) / self.jobs
            walls[encode].append(1000 * seconds / self.jobs)
        return {
            "frames": rows[0]["frames"],
            "x264_wall_per_frame_ms": _round(min(walls["x264"])),
            "own_wall_per_frame_ms": _round(min(walls[self.profile.encode])),
        }

    def curves(self) -> Figures:
        """Wall time against frames, mobjects, scenes and jobs, of synthetic scenes."""
        file = synthetic_scenes.write(self.folder / "synthetic.py")

        def seconds(classes: Sequence[str], workers: int) -> float:
            name = f"curve-{len(list(self.folder.iterdir()))}"
            return _round(self.ours([SceneRef(file, c, c) for c in classes], workers, name)["wall"])

        equal, most = synthetic_scenes.equal_cost_scenes, synthetic_scenes.EQUAL_COST_SCENES
        return {
            "frames": {n: seconds([f"Long{n}"], 1) for n in synthetic_scenes.LENGTHS},
            "mobjects": {n: seconds([f"Full{n}"], 1) for n in synthetic_scenes.COUNTS},
            "scenes": {n: seconds(equal(n), self.jobs) for n in (1, 2, most)},
            "jobs": {n: seconds(equal(most), n) for n in range(1, self.jobs + 1)},
        }


def _total(runs: Sequence[Mapping[str, Any]], key: str) -> float:
    return float(sum(run[key] for run in runs))


def _times(run: Figures) -> Figures:
    return {"wall": _round(run["wall"]), "cpu": _round(run["cpu"])}


def _round(value: float) -> float:
    return round(value, 3)


def as_text(result: Figures) -> str:
    """The figures of `measure` as text."""
    lines = [f"{result['profile']}: stock manim = 1; higher is faster"]
    for scene in result["scenes"]:
        stages = ", ".join(f"{k} {v:g}" for k, v in scene["per_frame_ms"].items())
        lines.append(
            f"{scene['scene']}: wall x{scene['wall_ratio']:g}, cpu x{scene['cpu_ratio']:g}, "
            f"size x{scene['size_ratio']:g}, {scene['worker_memory_mb']} MB; "
            f"ms per frame: {stages}"
        )
    batch, floor = result["batch"], result["floor"]
    lines += [
        f"batch on {batch['jobs']} jobs: wall x{batch['wall_ratio']:g}, "
        f"cpu x{batch['cpu_ratio']:g}, "
        f"with stock's encoder set near ours x{batch['wall_ratio_same_encoder']:g}",
        f"unchanged batch: {batch['unchanged_seconds']:g} s, x{batch['unchanged_ratio']:g}",
        f"per frame {batch['wall_per_frame_ms']:g} ms; encoding alone: "
        f"by x264 {floor['x264_wall_per_frame_ms']:g} (x{batch['times_x264_floor']:g}), "
        f"by our encoder {floor['own_wall_per_frame_ms']:g} (x{batch['times_own_floor']:g})",
        f"cost of sharing the machine: {batch['cost_of_sharing']:.0%} of a scene's CPU time",
        "mean SSIM: "
        + ", ".join(f"{name} {value:.5f}" for name, value in result["likeness"].items()),
    ]
    for name, curve in result.get("curves", {}).items():
        lines.append(f"{name}: " + ", ".join(f"{k}: {v:g} s" for k, v in curve.items()))
    return "\n".join(lines)
