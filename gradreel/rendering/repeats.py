"""Repeated frames written by hand: ten bytes each, and no encoding.

In H.264 a picture may say of all its macroblocks that they are skipped: it shows what was shown
before. x264 would look at every one of them to find that out. Pictures are numbered in the order
of coding, so whatever x264 makes after such a picture is renumbered, up to the next key frame.
The syntax is that of Rec. ITU-T H.264, 7.3: parameter sets 7.3.2, slice header 7.3.3, data 7.3.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAL = re.compile(rb"\x00\x00\x00?\x01")
_START = b"\x00\x00\x00\x01"
_SLICE, _SPS, _PPS = 1, 7, 8
_P = 5  # a slice type: P, as all others of the picture
_PLAIN_PROFILES = (66, 77)  # Baseline and Main: no field between the profile and the numbers


class _Bits:
    """The bits of a NAL unit's payload, read from the front."""

    def __init__(self, nal: bytes) -> None:
        raw = nal[1:].replace(b"\x00\x00\x03", b"\x00\x00")
        self._text = "".join(f"{byte:08b}" for byte in raw[:64])
        self.at = 0

    def u(self, count: int) -> int:
        """An unsigned number of `count` bits."""
        self.at += count
        return int(self._text[self.at - count : self.at] or "0", 2)

    def ue(self) -> int:
        """An Exp-Golomb number."""
        zeros = self._text.index("1", self.at) - self.at
        self.at += zeros
        return self.u(zeros + 1) - 1


@dataclass(frozen=True, slots=True)
class Stream:
    """What the parameter sets of a stream say that a slice header depends on."""

    number_bits: int
    macroblocks: int
    deblocking: bool

    @classmethod
    def read(cls, extradata: bytes) -> Stream | None:
        """The stream whose parameter sets these are; None where frames cannot be repeated so."""
        sets = {nal[0] & 31: _Bits(nal) for nal in _units(extradata)}
        try:
            number_bits, macroblocks = _read_sps(sets[_SPS])
            return cls(number_bits, macroblocks, _read_pps(sets[_PPS]))
        except (KeyError, ValueError):
            return None

    def repeat(self, number: int) -> bytes:
        """The picture with this number that repeats the one before it."""
        bits = (
            _ue(0) + _ue(_P) + _ue(0) + f"{number % (1 << self.number_bits):0{self.number_bits}b}"
        )
        bits += "000"  # references as they come, none to be marked
        bits += _ue(0)  # the quantizer, which nothing will use
        bits += _ue(1) if self.deblocking else ""  # no deblocking
        bits += _ue(self.macroblocks) + "1"
        bits += "0" * (-len(bits) % 8)
        return _START + b"\x41" + _escaped(int(bits, 2).to_bytes(len(bits) // 8, "big"))

    def renumbered(self, packet: bytes, by: int) -> bytes:
        """A coded picture with `by` added to its number."""
        return b"".join(_START + self._shifted(nal, by) for nal in _units(packet))

    def _numbered(self, number: int) -> str:
        return f"{number % (1 << self.number_bits):0{self.number_bits}b}"

    def _shifted(self, nal: bytes, by: int) -> bytes:
        if nal[0] & 31 != _SLICE:
            return nal
        bits = _Bits(nal)
        for _ in range(3):
            bits.ue()
        first = bits.at
        number = bits.u(self.number_bits) + by
        # Only the head changes; the rest stays as it is, with its escapes.
        size = -(-bits.at // 8) + 2
        head, used = _unescaped(nal[1:], size)
        text = "".join(f"{byte:08b}" for byte in head)
        text = text[:first] + self._numbered(number) + text[bits.at :]
        changed = int(text, 2).to_bytes(len(head), "big")
        return nal[:1] + _escaped(changed + b"\xff")[:-1] + nal[1 + used :]


def _read_sps(bits: _Bits) -> tuple[int, int]:
    profile = bits.u(8)
    bits.u(16)
    bits.ue()
    number_bits = bits.ue() + 4
    order = bits.ue()
    bits.ue()
    bits.u(1)
    columns, rows, frames_only = bits.ue() + 1, bits.ue() + 1, bits.u(1)
    if profile not in _PLAIN_PROFILES or order != 2 or not frames_only:
        raise ValueError("pictures are ordered or numbered in another way")
    return number_bits, columns * rows


def _read_pps(bits: _Bits) -> bool:
    bits.ue(), bits.ue()
    arithmetic, _, groups = bits.u(1), bits.u(1), bits.ue()
    references, _, weighted, _ = bits.ue(), bits.ue(), bits.u(1), bits.u(2)
    for _ in range(3):
        bits.ue()
    deblocking, _, redundant = bits.u(1), bits.u(1), bits.u(1)
    if arithmetic or groups or references or weighted or redundant:
        raise ValueError("a slice header would need more than is written here")
    return bool(deblocking)


def _units(stream: bytes) -> list[bytes]:
    """The NAL units of a stream with start codes."""
    return [unit for unit in _NAL.split(stream) if unit]


def _ue(value: int) -> str:
    code = f"{value + 1:b}"
    return "0" * (len(code) - 1) + code


def _escaped(payload: bytes) -> bytes:
    """With an 03 wherever two zero bytes would else look like the beginning of a start code."""
    return re.sub(rb"\x00\x00(?=[\x00-\x03])", b"\x00\x00\x03", payload)


def _unescaped(payload: bytes, size: int) -> tuple[bytes, int]:
    """The first `size` bytes or one more, without escapes, and how many bytes these took."""
    used = size
    while payload[:used].endswith((b"\x00", b"\x00\x03")) and used < len(payload):
        used += 1  # do not part an escape from its zeros
    return payload[:used].replace(b"\x00\x00\x03", b"\x00\x00"), used
