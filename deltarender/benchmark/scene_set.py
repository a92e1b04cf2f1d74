"""A fixed set of small scenes of many kinds against the `manim` command, as one table.

Both sides render each scene twice; the second time, when texts are compiled, counts. Frames are
also compared as they are drawn, bit by bit, and videos with a lossless one of Manim.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from deltarender.benchmark import ssim
from deltarender.benchmark.raw_frames import raw_frames
from deltarender.benchmark.timed_runs import Figures, run_deltarender, run_manim
from deltarender.jobs import RenderSettings, SceneRef
from deltarender.scene_files import find_scenes

FOLDER = Path(__file__).parent / "scenes"
NEEDS_LATEX = ("latex",)  # files of scenes that are left out without it
REPEATS = 2

Note = Callable[[str], None]  # called with the name of each scene that begins


def scene_set() -> list[SceneRef]:
    """The scenes of the set that this machine can render."""
    has_latex = all(shutil.which(program) for program in ("latex", "dvisvgm"))
    files = sorted(file for file in FOLDER.glob("*.py") if file.stem != "__init__")
    return [
        target
        for file in files
        if has_latex or file.stem not in NEEDS_LATEX
        for target in find_scenes(str(file))
    ]


def measure(targets: Sequence[SceneRef], profile: RenderSettings, note: Note) -> Figures:
    """All rows of the table and their summary, JSON-ready. Raises RenderError if a scene fails."""
    rows = []
    for target in targets:
        note(target.name)
        with tempfile.TemporaryDirectory(prefix="deltarender-bench-") as name:
            rows.append(_row(target, profile, Path(name)))
    ratios = [row["cpu_ratio"] for row in rows]
    sizes = [row["size_ratio"] for row in rows]
    return {
        "profile": profile.name,
        "latex": any(target.file.stem in NEEDS_LATEX for target in targets),
        "scenes": rows,
        "cpu_ratio": {"median": round(statistics.median(ratios), 2), "worst": min(ratios)},
        "size_ratio": {"median": round(statistics.median(sizes), 2), "worst": max(sizes)},
        "equal": all(row["equal"] for row in rows),
    }


def _row(target: SceneRef, profile: RenderSettings, folder: Path) -> Figures:
    first = None
    for _ in range(REPEATS):
        shutil.rmtree(folder / "stock" / "videos", ignore_errors=True)
        shutil.rmtree(folder / "ours" / "videos", ignore_errors=True)
        stock = run_manim(target, profile, folder / "stock")
        ours = run_deltarender([target], profile, 1, folder / "ours")
        first = first or (stock["cpu"], ours["cpu"])
    assert first is not None
    row = ours["results"][0]
    lossless = run_manim(target, profile, folder / "lossless", encoder_options=ssim.LOSSLESS)
    drawn = {raw_frames(side, target, profile, folder / "raw") for side in ("stock", "ours")}
    video = Path(row["path"])
    return {
        "scene": target.name,
        "frames": row["frames"],
        "stock_cpu": round(stock["cpu"], 2),
        "ours_cpu": round(ours["cpu"], 2),
        "cpu_ratio": round(stock["cpu"] / ours["cpu"], 2),
        "first_cpu_ratio": round(first[0] / first[1], 2),
        "size_ratio": round(video.stat().st_size / stock["file"].stat().st_size, 2),
        "ours_ssim": round(ssim.video_ssim(lossless["file"], video), 4),
        "stock_ssim": round(ssim.video_ssim(lossless["file"], stock["file"]), 4),
        "equal": len(drawn) == 1,
    }


def as_text(result: Figures) -> str:
    """The figures of `measure` as a table."""
    latex = "with" if result["latex"] else "without"
    lines = [
        f"{result['profile']}, {latex} LaTeX; CPU seconds of the whole command, stock / ours",
        f"{'scene':<12}{'frames':>7}{'stock':>8}{'ours':>8}{'faster':>8}{'first':>7}{'size':>7}"
        f"{'SSIM':>9}{'(stock)':>9}  drawn",
    ]
    for row in result["scenes"]:
        drawn = "equal" if row["equal"] else "DIFFERENT"
        lines.append(
            f"{row['scene']:<12}{row['frames']:>7}{row['stock_cpu']:>8.2f}{row['ours_cpu']:>8.2f}"
            f"{row['cpu_ratio']:>8.2f}{row['first_cpu_ratio']:>7.2f}{row['size_ratio']:>7.2f}"
            f"{row['ours_ssim']:>9.4f}{row['stock_ssim']:>9.4f}  {drawn}"
        )
    cpu, size = result["cpu_ratio"], result["size_ratio"]
    lines.append(
        f"faster: median {cpu['median']:g}, worst {cpu['worst']:g}; "
        f"size: median {size['median']:g}, worst {size['worst']:g}"
    )
    return "\n".join(lines)
