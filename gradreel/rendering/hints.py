"""What x264 is told of a picture before it codes it: where it differs from the last one.

Block by block x264 would find out that nothing has changed; told so, it skips those blocks at once.
FFmpeg takes this as side data of a frame (AV_FRAME_DATA_VIDEO_HINT, libavutil/video_hint.h; the
option mb_info of libx264), which PyAV can carry but not make. It is attached here through FFmpeg's
own library. Where that library is not the expected one, nothing is attached and x264 looks for
itself: the film is the same, its making a little slower.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np

from gradreel.rendering.tiles import Rect

_KIND = 27  # AV_FRAME_DATA_VIDEO_HINT
_HEAD = (32, 16, 1)  # sizes of AVVideoHint and AVVideoRect; the rectangles are those that changed
_POINTER = object.__basicsize__ + 8  # PyAV's Frame: its table of methods, then the AVFrame


def option() -> dict[str, str]:
    """What the encoder must be opened with to heed hints."""
    return {"mb_info": "1"} if _library() is not None else {}


def tell(frame: av.VideoFrame, rects: Sequence[Rect]) -> None:
    """Only within `rects` does `frame` differ from the one coded before it."""
    library = _library()
    if library is None:
        return
    address = _address(frame)
    library.av_frame_remove_side_data(address, _KIND)
    head = np.array([len(rects), *_HEAD], np.uint64).tobytes()
    boxes = [(x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in rects]
    data = head + np.array(boxes, np.uint32).tobytes()
    made = library.av_frame_new_side_data(address, _KIND, len(data))
    # AVFrameSideData begins with its kind and the address of its data.
    place = ctypes.c_void_p.from_address(made + 8).value if made else None
    if place:
        ctypes.memmove(place, data, len(data))


def _address(frame: av.VideoFrame) -> int:
    return ctypes.c_void_p.from_address(id(frame) + _POINTER).value or 0


@cache
def _library() -> Any:
    """PyAV's own libavutil, if all that is assumed of it and of PyAV's frames holds."""
    if sys.implementation.name != "cpython" or ctypes.sizeof(ctypes.c_void_p) != 8:
        return None
    for path in (Path(av.__file__).parent.parent / "av.libs").glob("libavutil*"):
        library = ctypes.CDLL(str(path))
        library.av_frame_side_data_name.restype = ctypes.c_char_p
        library.av_frame_new_side_data.restype = ctypes.c_void_p
        library.av_frame_new_side_data.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t)
        library.av_frame_remove_side_data.restype = None
        library.av_frame_remove_side_data.argtypes = (ctypes.c_void_p, ctypes.c_int)
        named = library.av_frame_side_data_name(_KIND) == b"Encoding video hint"
        return library if named and _frames_are_known() else None
    return None


def _frames_are_known() -> bool:
    """Whether the address of an AVFrame, which begins with that of its pixels, is where we look."""
    frame = av.VideoFrame(64, 64, "yuv420p")
    plane: Any = frame.planes[0]
    pixels = np.frombuffer(plane, np.uint8)
    address = _address(frame)
    return bool(address) and ctypes.c_void_p.from_address(address).value == pixels.ctypes.data
