"""Display of a scene in a Jupyter notebook.

from gradreel.notebook import show
show("TangentLine", function="x*sin(x)", start=-4, stop=4)
"""

from __future__ import annotations

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
    raw = tuple((name, str(value)) for name, value in params.items())
    part = lecture_of_scenes((scene,), raw).parts[0]
    settings = LectureSettings.of(quality, theme=theme)
    result = render_scenes([job_for_part(part, settings, Path(media_dir))])[0]
    video: Any = Video
    return video(str(result.video), embed=True, width=min(result.size[0], 960))
