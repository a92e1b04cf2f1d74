"""Runs the `manim` command and this renderer in processes of their own, with time and memory.

Every figure is of a whole command, imports included. `python -m deltarender.benchmark.timed_runs
WORK` is the process that `run_deltarender` starts.
"""

from __future__ import annotations

import compileall
import json
import os
import pickle
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deltarender import plugin_switch
from deltarender.batch import BatchOptions, Preload, preload_nothing, render
from deltarender.errors import RenderError
from deltarender.jobs import Job, RenderSettings, SceneRef

Figures = dict[str, Any]

_RESULTS_FILE = "results.json"


def compile_bytecode() -> None:
    """Compile this package, as installing it does; in a checkout it may not have been."""
    compileall.compile_dir(str(Path(__file__).parents[1]), quiet=2)


def run_manim(
    target: SceneRef,
    profile: RenderSettings,
    media: Path,
    *,
    encoder_options: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Figures:
    """Render with the `manim` command: wall and CPU seconds, peak memory, the file.

    `encoder_options` are FFmpeg's; without any, Manim's own are used.
    """
    config = media / "manim.cfg"
    media.mkdir(parents=True, exist_ok=True)
    lines = [f"{name} = {value}" for name, value in (encoder_options or {}).items()]
    config.write_text("\n".join(["[CLI]", "[video_encoder.options]", *lines, ""]))
    command = [
        sys.executable, "-m", "manim", "render", str(target.file), target.cls,
        "--resolution", f"{profile.width},{profile.height}", "--fps", f"{profile.fps:g}",
        "--media_dir", str(media), "--progress_bar", "none", "--config_file", str(config),
    ]  # fmt: skip
    figures = _run_timed(command, {**(environment or {}), **plugin_switch.OFF})
    video = find_manim_video(media, target)
    if video is None:
        raise RenderError("manim has made no video of it.", where=str(target))
    return {**figures, "file": video}


def find_manim_video(media: Path, target: SceneRef) -> Path | None:
    """The video of a scene in a media folder of Manim, None if there is none."""
    candidates = media.rglob(f"{target.cls}.mp4")
    return next((path for path in candidates if "partial_movie_files" not in path.parts), None)


def run_deltarender(
    targets: Sequence[SceneRef],
    profile: RenderSettings,
    jobs: int,
    media: Path,
    *,
    environment: Mapping[str, str] | None = None,
    preload: Preload = preload_nothing,
) -> Figures:
    """Render with this renderer: wall and CPU seconds, peak memory, the rows of its report.

    `preload` is that of BatchOptions, a function of a module. Raises RenderError if a scene fails.
    """
    work = media / "work.pickle"
    media.mkdir(parents=True, exist_ok=True)
    options = BatchOptions(jobs=jobs, preload=preload)
    work.write_bytes(pickle.dumps(([Job(t, profile, (), media) for t in targets], options)))
    figures = _run_timed(
        [sys.executable, "-m", "deltarender.benchmark.timed_runs", str(work)], environment or {}
    )
    report = json.loads((media / _RESULTS_FILE).read_text())
    for row in report["results"]:
        if row["status"] not in ("rendered", "fresh"):
            raise RenderError(f"it failed: {row['error']}", where=row["scene"])
    return {**figures, "cpu": figures["cpu"] + report["cpu"], "results": report["results"]}


def _run_timed(command: list[str], environment: Mapping[str, str]) -> Figures:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise RenderError(f"{command[2]} failed: {process.stderr[-1500:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": wall, "cpu": cpu, "peak": after.ru_maxrss}


def _render_batch(work: Path) -> None:
    """Render the pickled jobs in `work`; write their results beside it, as JSON."""
    from multiprocessing import forkserver

    jobs, options = pickle.loads(work.read_bytes())
    report = render(jobs, options)
    rows = []
    for result in report.results:
        row, task = result.as_json(), result.task
        if task is not None:
            row |= {
                "stages": task.video.stages if task.video is not None else {},
                "memory": task.peak_memory,
                "cpu": task.cpu_seconds,
            }
        rows.append(row)
    server_pid = getattr(forkserver._forkserver, "_forkserver_pid", None)
    results = {"results": rows, "cpu": _cpu_seconds(server_pid)}
    (work.parent / _RESULTS_FILE).write_text(json.dumps(results))


def _cpu_seconds(pid: int | None) -> float:
    """CPU seconds of a process and of its children that have ended; 0 if unknown."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    _render_batch(Path(sys.argv[1]))
