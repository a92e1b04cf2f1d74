"""Display of a scene in a Jupyter notebook: its film with its beats, or a page to touch.

from gradreel.notebook import explore, show
show("TangentLine", function="x*sin(x)", start=-4, stop=4)
explore("TangentLine", function="x*sin(x)", start=-4, stop=4)
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from gradreel.lecture_settings import LectureSettings


def show(
    scene: str,
    *,
    quality: str = "m",
    theme: str = "dark",
    media_dir: str | Path = "media",
    **params: object,
) -> Any:
    """Render `scene` (a name or path.py:Class) with `params`, unless it is up to date already.

    A function, a lambda, a module or a module's class may be given as itself: function=my_function.

    Returns IPython HTML with the video in it, so that the notebook can be moved: the caption below
    the picture, a slider with the numbers at its position, a button for each beat. Raises
    UsageError for a wrong name or parameter, RenderError if the scene fails, and SetupError without
    IPython.
    """
    from gradreel.publish.embed import inline_player
    from gradreel.publish.lecture_file import lecture_of_scenes
    from gradreel.publish.rendered_scenes import job_for_part, render_scenes

    display = _ipython_display()
    raw = tuple((name, parameter_text(value, name, media_dir)) for name, value in params.items())
    part = lecture_of_scenes((scene,), raw).parts[0]
    settings = LectureSettings.of(quality, theme=theme, captions=False)
    result = render_scenes([job_for_part(part, settings, Path(media_dir))])[0]
    return display.HTML(inline_player(result, width=min(result.size[0], 960)))


def explore(
    scene: str,
    *,
    live: bool | None = None,
    positions: int = 0,
    height: int = 720,
    theme: str = "dark",
    media_dir: str | Path = "media",
    **params: object,
) -> Any:
    """Show `scene` with `params` to be touched.

    In a kernel, every state is computed when it is asked for. With `live=False`, and without a
    kernel, its states are recorded in a page that is embedded in a frame of `height` pixels and
    works in a notebook that is only read; `positions` is how many there are along each drag, 0 is
    a good number. Raises what `show` raises, and SetupError without anywidget.
    """
    from html import escape

    from gradreel.explore.export_page import record_page
    from gradreel.explore.scene_list import SceneList

    display = _ipython_display()
    scenes = SceneList.of([scene], Path(media_dir))
    raw = {name: parameter_text(value, name, media_dir) for name, value in params.items()}
    job = scenes.job(scenes.first, raw, LectureSettings.of("m", theme=theme))
    if _has_kernel() if live is None else live:
        return _live_widget(job)
    page = record_page(job, positions=positions).html
    frame = f'width="100%" height="{height}" style="border: 0"'
    return display.HTML(f'<iframe srcdoc="{escape(page)}" {frame}></iframe>')


def _has_kernel() -> bool:
    """Whether this runs in the kernel of a notebook."""
    import IPython

    return getattr(IPython.get_ipython(), "kernel", None) is not None


def _live_widget(job: Any) -> Any:
    """The widget of a job. Raises SetupError without anywidget."""
    from gradreel.errors import SetupError

    try:
        from gradreel.explore.widget import ExplorerWidget
    except ImportError:
        raise SetupError(
            "anywidget is not installed.",
            hint='pip install "gradreel[notebook]", or explore(..., live=False).',
        ) from None
    return ExplorerWidget(job)


def _ipython_display() -> Any:
    """IPython's display module. Raises SetupError without IPython."""
    from gradreel.errors import SetupError

    try:
        import IPython.display
    except ImportError:
        raise SetupError(
            "IPython is not installed.", hint='pip install "gradreel[notebook]"'
        ) from None
    return IPython.display


def parameter_text(value: object, name: str, media_dir: str | Path = "media") -> str:
    """A parameter as a scene's process gets it: text, or `path.py:name` for code.

    Code of a cell is written to a file below `media_dir`. Raises UsageError where that cannot be.
    """
    from gradreel.cell_code import write_code
    from gradreel.errors import UsageError

    if not callable(value):
        return str(value)
    qualified = getattr(value, "__qualname__", "")
    path = _source_file(value)
    if path is not None and qualified.isidentifier():
        return f"{path}:{qualified}"
    try:
        return write_code(value, Path(media_dir) / ".cache" / "notebook")
    except UsageError as error:
        raise UsageError(
            f"{name} is {qualified or type(value).__name__}, which exists in this process alone; a"
            f" scene is played in another. {error.what}",
            hint=f'Write a formula, such as {name}="x**2", or save the code in a file and give'
            f' {name}="mine.py:f".',
        ) from None


def _source_file(value: Any) -> Path | None:
    """The file of a function or class, or None for one of a cell, a console or a module object."""
    if not (inspect.isfunction(value) or inspect.isclass(value)):
        return None
    try:
        path = Path(inspect.getsourcefile(value) or "")
    except (TypeError, OSError):
        return None
    # IPython compiles a cell to a temporary file with a name that is a number or has brackets.
    is_own = path.suffix == ".py" and path.is_file() and "ipykernel" not in str(path)
    return path if is_own and getattr(value, "__module__", "") != "__main__" else None
