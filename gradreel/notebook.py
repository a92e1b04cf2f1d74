"""A scene in Jupyter: rendered if need be, and played where the call stands.

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
    """Render `scene` (a name or path.py:Class) with its parameters; gives a video to display.

    The video is part of the notebook, so that it plays wherever the notebook goes. Raises
    UsageError for a wrong name or parameter, RenderError if the scene fails.
    """
    from gradreel.errors import SetupError
    from gradreel.lecture_settings import LectureSettings
    from gradreel.publish.lecture_file import of_scenes
    from gradreel.publish.rendered_scenes import job_of, rendered

    try:
        from IPython.display import Video
    except ImportError:
        raise SetupError(
            "IPython is not installed.", hint='pip install "gradreel[notebook]"'
        ) from None
    raw = tuple((name, str(value)) for name, value in params.items())
    part = of_scenes((scene,), raw).parts[0]
    shot = rendered([job_of(part, LectureSettings.of(quality, theme=theme), Path(media_dir))])[0]
    video: Any = Video
    return video(str(shot.video), embed=True, width=min(shot.size[0], 960))
