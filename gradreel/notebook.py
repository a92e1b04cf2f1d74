"""Display of a scene in a Jupyter notebook.

from gradreel.notebook import show
show("TangentLine", function="x*sin(x)", start=-4, stop=4)
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any


def show(
    scene: str,
    *,
    quality: str = "m",
    theme: str = "dark",
    media_dir: str | Path = "media",
    **params: object,
) -> Any:
    """Render `scene` (a name or path.py:Class) with `params`, unless it is up to date already.

    A function or a module class may be given as itself if it is in a file.

    Returns an IPython Video with the data embedded, so that the notebook can be moved. Raises
    UsageError for a wrong name or parameter, RenderError if the scene fails, and SetupError without
    IPython.
    """
    from gradreel.errors import SetupError
    from gradreel.lecture_settings import LectureSettings
    from gradreel.publish.lecture_file import lecture_of_scenes
    from gradreel.publish.rendered_scenes import job_for_part, render_scenes

    try:
        from IPython.display import Video
    except ImportError:
        raise SetupError(
            "IPython is not installed.", hint='pip install "gradreel[notebook]"'
        ) from None
    raw = tuple((name, parameter_text(value, name)) for name, value in params.items())
    part = lecture_of_scenes((scene,), raw).parts[0]
    settings = LectureSettings.of(quality, theme=theme)
    result = render_scenes([job_for_part(part, settings, Path(media_dir))])[0]
    video: Any = Video
    return video(str(result.video), embed=True, width=min(result.size[0], 960))


def parameter_text(value: object, name: str) -> str:
    """A parameter as a scene's process gets it: text, or `path.py:name` for code in a file.

    Raises UsageError for code that another process could not load.
    """
    from gradreel.errors import UsageError

    if not callable(value):
        return str(value)
    qualified = getattr(value, "__qualname__", "")
    path = _source_file(value)
    if path is not None and qualified.isidentifier():
        return f"{path}:{qualified}"
    raise UsageError(
        f"{name} is {qualified or type(value).__name__}, which exists in this process alone; a"
        " scene is played in another.",
        hint=f'Write a formula, such as {name}="x**2", or save the code in a file and give'
        f' {name}="mine.py:f".',
    )


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
