"""A fixed set of small scenes of many kinds against the `manim` command, as one table.

Both sides render each scene; one that has texts twice, as the second time, when they are compiled,
counts. Frames are also compared as they are drawn, bit by bit, and both videos with them.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from deltarender.benchmark import likeness
from deltarender.benchmark.timed_runs import Figures, compile_bytecode, run_deltarender, run_manim
from deltarender.jobs import RenderSettings, SceneRef
from deltarender.scene_files import find_scenes

FOLDER = Path(__file__).parent / "scenes"
NEEDS_LATEX = ("latex",)  # files of scenes that are left out without it

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
    compile_bytecode()
    rows = []
    for target in targets:
        note(target.name)
        with tempfile.TemporaryDirectory(prefix="deltarender-bench-") as name:
            rows.append(_row(target, profile, Path(name)))
    return {
        "profile": profile.name,
        "latex": any(target.file.stem in NEEDS_LATEX for target in targets),
        "scenes": rows,
        "cpu_ratio": _summary(rows, "cpu_ratio", min),
        "first_cpu_ratio": _summary(rows, "first_cpu_ratio", min),
        "size_ratio": _summary(rows, "size_ratio", max),
        "equal": all(row["equal"] for row in rows),
    }


def _summary(
    rows: Sequence[Figures], key: str, worst: Callable[[Iterable[float]], float]
) -> dict[str, float]:
    values = [row[key] for row in rows]
    return {"median": round(statistics.median(values), 2), "worst": worst(values)}


def _row(target: SceneRef, profile: RenderSettings, folder: Path) -> Figures:
    first = stock, ours = _run_both(target, profile, folder)
    if any((folder / "stock").rglob("*.svg")):  # texts, which are compiled now
        for side in ("stock", "ours"):
            shutil.rmtree(folder / side / "videos")
        stock, ours = _run_both(target, profile, folder)
    row = ours["results"][0]
    videos = {"ours": Path(row["path"]), "stock": stock["file"]}
    equal, measured = likeness.compare(target, profile, folder, videos)
    return {
        "scene": target.name,
        "frames": row["frames"],
        "stock_cpu": round(stock["cpu"], 2),
        "ours_cpu": round(ours["cpu"], 2),
        "cpu_ratio": round(stock["cpu"] / ours["cpu"], 2),
        "first_cpu_ratio": round(first[0]["cpu"] / first[1]["cpu"], 2),
        "size_ratio": round(videos["ours"].stat().st_size / videos["stock"].stat().st_size, 2),
        "likeness": {side: figures.as_json() for side, figures in measured.items()},
        "equal": equal,
    }


def _run_both(target: SceneRef, profile: RenderSettings, folder: Path) -> tuple[Figures, Figures]:
    stock = run_manim(target, profile, folder / "stock")
    return stock, run_deltarender([target], profile, 1, folder / "ours")


def as_text(result: Figures) -> str:
    """The figures of `measure` as a table."""
    latex = "with" if result["latex"] else "without"
    lines = [
        f"{result['profile']}, {latex} LaTeX; CPU seconds of the whole command, stock / ours; "
        "against the drawn frames: PSNR of RGB in dB, worst block of 8x8 (RMS), SSIM, ours (stock)",
        f"{'scene':<12}{'frames':>7}{'stock':>8}{'ours':>8}{'faster':>8}{'first':>7}{'size':>7}"
        f"{'PSNR':>7}{'(stock)':>8}{'block':>7}{'(stock)':>8}{'SSIM':>8}{'(stock)':>9}  drawn",
        *map(_line, result["scenes"]),
    ]
    summaries = (("faster", "cpu_ratio"), ("first", "first_cpu_ratio"), ("size", "size_ratio"))
    lines.append(
        "; ".join(
            f"{name}: median {result[key]['median']:g}, worst {result[key]['worst']:g}"
            for name, key in summaries
        )
    )
    return "\n".join(lines)


def _line(row: Figures) -> str:
    ours, stock = row["likeness"]["ours"], row["likeness"]["stock"]
    return (
        f"{row['scene']:<12}{row['frames']:>7}{row['stock_cpu']:>8.2f}{row['ours_cpu']:>8.2f}"
        f"{row['cpu_ratio']:>8.2f}{row['first_cpu_ratio']:>7.2f}{row['size_ratio']:>7.2f}"
        f"{ours['psnr']:>7.1f}{stock['psnr']:>8.1f}"
        f"{ours['worst_block']:>7.1f}{stock['worst_block']:>8.1f}"
        f"{ours['ssim']:>8.4f}{stock['ssim']:>9.4f}  {'equal' if row['equal'] else 'DIFFERENT'}"
    )
