"""The decoder of OpenH264, called in C: independent of FFmpeg's, and stricter in places.

Debian's package libopenh264 comes with its chromium, which `make publishing` installs.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from ctypes import POINTER, byref, c_bool, c_char_p, c_int, c_long, c_ubyte, c_uint, c_ulonglong

import numpy as np
import pytest

# Entries of ISVCDecoder's table of functions (codec_api.h).
INITIALIZE, UNINITIALIZE, DECODE_FRAME_NO_DELAY, FLUSH_FRAME = 0, 1, 3, 5
NO_CONCEALMENT, AVC = 0, 0
BytesPointer = POINTER(c_ubyte)


class _DecodingParam(ctypes.Structure):
    _fields_ = (
        ("reconstruction_file", c_char_p), ("cpu_load", c_uint), ("target_layer", c_ubyte),
        ("concealment", c_int), ("parse_only", c_bool), ("property_size", c_uint),
        ("bitstream_type", c_int),
    )  # fmt: skip


class _BufferInfo(ctypes.Structure):
    _fields_ = (
        ("status", c_int), ("in_time", c_ulonglong), ("out_time", c_ulonglong), ("width", c_int),
        ("height", c_int), ("format", c_int), ("strides", c_int * 2), ("planes", BytesPointer * 3),
    )  # fmt: skip


class OpenH264:
    """Decodes NAL units; skips the test if the library is not installed."""

    def __init__(self, parameter_sets: bytes) -> None:
        name = ctypes.util.find_library("openh264")
        if name is None:
            pytest.skip("libopenh264 is not installed")
        self._library = ctypes.CDLL(name)
        self._decoder = ctypes.c_void_p()
        assert self._library.WelsCreateDecoder(byref(self._decoder)) == 0
        parameters = _DecodingParam(concealment=NO_CONCEALMENT, bitstream_type=AVC)
        parameters.property_size = 8
        assert self._call(c_long, INITIALIZE, byref(parameters)) == 0
        self._decode(parameter_sets)

    def decode(self, nal_unit: bytes) -> np.ndarray:
        """The samples of the planes Y, U and V in sequence. Fails for anything invalid."""
        planes, info = self._decode(nal_unit)
        if (
            not info.status
        ):  # it keeps pictures of the High profile back, in case they are reordered
            planes, info = self._output(FLUSH_FRAME)
        assert info.status == 1
        sizes = [(info.height, info.width), *2 * [(info.height // 2, info.width // 2)]]
        strides = (info.strides[0], info.strides[1], info.strides[1])
        return np.concatenate(
            [
                np.ctypeslib.as_array(plane, (rows, stride))[:, :columns].ravel()
                for plane, stride, (rows, columns) in zip(planes, strides, sizes, strict=True)
            ]
        )

    def close(self) -> None:
        """Free the decoder."""
        self._call(c_long, UNINITIALIZE)
        self._library.WelsDestroyDecoder(self._decoder)

    def _decode(self, raw: bytes) -> tuple[ctypes.Array[BytesPointer], _BufferInfo]:
        return self._output(DECODE_FRAME_NO_DELAY, raw, c_int(len(raw)))

    def _output(
        self, entry: int, *arguments: object
    ) -> tuple[ctypes.Array[BytesPointer], _BufferInfo]:
        planes, info = (BytesPointer * 3)(), _BufferInfo()
        state = self._call(c_int, entry, *arguments, byref(planes), byref(info))
        assert state == 0, f"OpenH264 refuses it: state {state:#x}"
        return planes, info

    def _call(self, result: type, entry: int, *arguments: object) -> int:
        """Call a function of the decoder's table with the decoder as its first argument."""
        table = ctypes.cast(self._decoder, POINTER(POINTER(ctypes.c_void_p)))[0]
        function = ctypes.CFUNCTYPE(result)(table[entry])
        function.argtypes = None
        value: int = function(self._decoder, *arguments)
        return value
