"""Stills of any state of a live scene: of a beat, of what is moved, of a board with its presses."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from deltarender.atomic_files import as_render_error, dir_lock, ensure_writable
from deltarender.beat_names import slug
from deltarender.jobs import Job
from deltarender.live.messages import DrawState, StatePicture
from deltarender.owned_files import ASIDE, put
from gradreel.explore.opened_scene import HOOKS, open_scene

VECTOR_HOOKS = {
    "svg": replace(HOOKS, read="gradreel.explore.vector_hooks:read_svg"),
    "pdf": replace(HOOKS, read="gradreel.explore.vector_hooks:read_pdf"),
}


def write_still(job: Job, state: DrawState) -> Path:
    """Draw a state as it is drawn at the size of `job`, into the job's folder of stills.

    The still of a beat has the name that the command `stills` gives it. Raises UserFacingError.
    """
    hooks = VECTOR_HOOKS.get(job.still_format, HOOKS)
    with open_scene(job, hooks) as (ready, draw):
        step = min(max(state.step, 0), len(ready.steps) - 1)
        is_vector = job.still_format in VECTOR_HOOKS
        picture = draw(replace(state, step=step, whole=True, pixels=not is_vector))
    content = picture.shown if is_vector else _png(picture)
    name = f"{step + 1:02}-{_name(ready.steps[step].name, state)}.{job.still_format}"
    try:
        with dir_lock(ensure_writable(job.scratch)):
            put(ensure_writable(job.stills), {name: content}, ASIDE)
    except OSError as error:
        raise as_render_error(error, job.stills) from None
    return job.stills / name


def _name(step: str, state: DrawState) -> str:
    """The step, what is moved, and how often something was pressed, as part of a file name."""
    moved = [f"{path.rpartition('.')[2]} {value:.4g}" for path, value in state.values.items()]
    pressed = [f"pressed {len(state.pressed)}"] if state.pressed else []
    # Each part on its own: a long name is cut off, and what is moved distinguishes the files.
    return "-".join(slug(part) for part in (step, *moved, *pressed))


def _png(picture: StatePicture) -> bytes:
    import numpy as np
    from PIL import Image

    width, height = picture.size
    (patch,) = picture.patches
    pixels = np.frombuffer(patch.rgba, np.uint8).reshape(height, width, 4)
    file = io.BytesIO()
    Image.fromarray(pixels[..., :3]).save(file, "png")
    return file.getvalue()
