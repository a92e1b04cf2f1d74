"""Cuts a scene's video into its beats, or one beat out of it, without coding a frame anew.

The renderer begins every beat with a key frame, so that its packets stand for themselves. A video
of another writer is coded anew where a beat begins between key frames.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from deltarender.atomic_files import dir_lock, ensure_writable, scratch_folder
from deltarender.beat_names import chosen, slug
from deltarender.encoding import gif
from deltarender.owned_files import ASIDE, put
from deltarender.report import Report
from gradreel.errors import UsageError
from gradreel.lecture_settings import LectureSettings
from gradreel.publish.rendered_scenes import RenderedScene, load

RECODED = {"preset": "veryfast", "crf": "20"}


def cut(shot: RenderedScene, folder: Path) -> list[Path]:
    """One video a beat, `01.mp4` and on, in `folder`, which must exist."""
    made = [folder / f"{number:02}.mp4" for number in range(1, len(shot.beats) + 1)]
    for number, target in enumerate(made):
        _clip(shot, number, target)
    return made


def profile_of(profile: LectureSettings) -> LectureSettings:
    """How the scene is rendered of which a beat is wanted in `profile`: as an MP4, to be cut."""
    if not (profile.fast_path or gif.can_convert(profile)):
        raise UsageError(
            f"a single beat cannot be cut from a {profile.format} or a transparent film.",
            where="--beat", hint="Leave out --format and --transparent, or take --format gif.",
        )  # fmt: skip
    return replace(profile, format="mp4")


def instead(report: Report, beat: str, form: str) -> None:
    """Let each good result of `report` be the video of one beat of it, an mp4 or gif.

    Raises UsageError with the names there are if a scene has no such beat.
    """
    for result in report.results:
        if result.path is not None and result.path.suffix == ".mp4":
            shot = load(result.job.target.name, result.path, result.job.manifest)
            result.path, result.frames = one(shot, beat, form)


def one(shot: RenderedScene, beat: str, form: str = "mp4") -> tuple[Path, int]:
    """The video of one beat, and how many frames it has; of an MP4 they are the film's own."""
    names = [str(row["name"]) for row in shot.beats]
    number = chosen(names, beat, shot.name)
    media, profile = shot.video.parents[2], shot.video.parent.name
    home = ensure_writable(media / "beats" / profile / shot.video.stem)
    target = home / f"{number + 1:02}-{slug(names[number])}.{form}"
    with scratch_folder(media / ".scratch") as folder:
        made = folder / "beat.mp4"
        frames = _clip(shot, number, made)
        if form == "gif":
            frames, _ = gif.convert(made, folder / "beat.gif")
            made = folder / "beat.gif"
        with dir_lock(media / ".scratch"):
            put(home, {target.name: made}, ASIDE)
    return target, frames


def _clip(shot: RenderedScene, number: int, target: Path) -> int:
    rate = Fraction(shot.fps).limit_denominator(1001)
    start, end = (frame(shot.beats[number][key], rate) for key in ("start", "end"))
    if not _copied(shot.video, rate, start, end, target):
        _recoded(shot.video, rate, start, end, target)
    return end - start


def frame(seconds: float, rate: Fraction) -> int:
    """The number of the frame that is shown from `seconds` on."""
    return round(Fraction(seconds) * rate)


def _copied(video: Path, rate: Fraction, start: int, end: int, target: Path) -> bool:
    """Copy the packets of frames `start` to `end`; False if these cannot stand alone."""
    with av.open(str(video)) as source:
        stream = source.streams.video[0]
        step = 1 / (rate * (stream.time_base or Fraction(1, 1000)))
        packets = [p for p in source.demux(stream) if p.dts is not None and p.pts is not None]
        first, last = start * step, end * step
        kept = [p for p in packets if first - step / 2 <= (p.pts or 0) < last - step / 2]
        if not kept or not kept[0].is_keyframe or len(kept) != end - start:
            return False
        with av.open(str(target), "w", format="mp4", options={"movflags": "faststart"}) as out:
            picture = out.add_stream_from_template(stream)
            for packet in kept:
                packet.pts = (packet.pts or 0) - round(first)
                packet.dts = (packet.dts or 0) - round(first)
                packet.stream = picture
                out.mux(packet)
    return True


def _recoded(video: Path, rate: Fraction, start: int, end: int, target: Path) -> None:
    options = {"movflags": "faststart"}
    with av.open(str(video)) as source, av.open(str(target), "w", "mp4", options=options) as out:
        stream = source.streams.video[0]
        picture: Any = out.add_stream("libx264", rate=rate, options=RECODED)
        picture.width, picture.height, picture.pix_fmt = stream.width, stream.height, "yuv420p"
        for shown in source.decode(stream):
            place = frame(shown.time or 0.0, rate)
            if place >= end:
                break
            if place >= start:
                shown.pts, shown.time_base = place - start, 1 / rate
                shown.pict_type = av.video.frame.PictureType.NONE
                out.mux(picture.encode(shown))
        out.mux(picture.encode(None))
