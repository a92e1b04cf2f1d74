"""Cuts a rendered scene's video into its beats, or exports one beat, without re-encoding.

The renderer starts every beat with a keyframe, so the packets of a beat can be decoded alone. A
video of another writer is re-encoded where a beat does not start at a keyframe.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from deltarender.atomic_files import dir_lock, ensure_writable, scratch_folder
from deltarender.beat_names import find_beat, slug
from deltarender.encoding import gif
from deltarender.errors import UserFacingError
from deltarender.owned_files import ASIDE, put
from deltarender.report import Report
from gradreel.errors import UsageError
from gradreel.lecture_settings import LectureSettings
from gradreel.publish.audio_mix import AudioMix, mix_audio
from gradreel.publish.mux_film import mux_film
from gradreel.publish.rendered_scenes import RenderedScene, load_rendered_scene

REENCODE_OPTIONS = {"preset": "veryfast", "crf": "20"}


def cut_beats(scene: RenderedScene, folder: Path) -> list[Path]:
    """Write one video per beat, `01.mp4` and on, into `folder`, which must exist."""
    clips = [folder / f"{number:02}.mp4" for number in range(1, len(scene.beats) + 1)]
    sound = _sound_of(scene)
    for index, clip in enumerate(clips):
        _write_clip(scene, index, clip, sound)
    return clips


def settings_for_beat(profile: LectureSettings) -> LectureSettings:
    """The settings to render a whole scene with, if one beat of it is wanted in `profile`.

    A beat is cut from an MP4. Raises UsageError for a format that no MP4 can be turned into.
    """
    if not (profile.fast_path or gif.can_convert(profile)):
        raise UsageError(
            f"a single beat cannot be cut from a {profile.format} or a transparent film.",
            where="--beat", hint="Leave out --format and --transparent, or take --format gif.",
        )  # fmt: skip
    return replace(profile, format="mp4")


def replace_with_beat(report: Report, beat: str, form: str) -> None:
    """Replace the video of each successful result of `report` by one beat of it, an mp4 or gif.

    A scene that has no beat of that name fails, with the names of its beats.
    """
    for result in report.results:
        if result.path is None:
            continue
        try:
            if result.path.suffix != ".mp4":
                raise UsageError("it has no animations, and so no beats.", where=str(result.job))
            scene = load_rendered_scene(result.job.target.name, result.path, result.job.manifest)
            result.path, result.frames = export_beat(scene, beat, form)
        except UserFacingError as error:
            result.status, result.path, result.frames = "failed", None, 0
            result.error, result.usage = str(error), error.exit_code == 2


def export_beat(scene: RenderedScene, beat: str, form: str = "mp4") -> tuple[Path, int]:
    """Write the video of one beat, and return its path and its number of frames.

    The frames of an MP4 are those of the film, bit for bit. `beat` is a name or a number from 1.
    """
    names = [str(row["name"]) for row in scene.beats]
    index = find_beat(names, beat, scene.name)
    media, profile = scene.video.parents[2], scene.video.parent.name
    folder = ensure_writable(media / "beats" / profile / scene.video.stem)
    target = folder / f"{index + 1:02}-{slug(names[index])}.{form}"
    with scratch_folder(media / ".scratch") as scratch:
        clip = scratch / "beat.mp4"
        frames = _write_clip(scene, index, clip, _sound_of(scene))
        if form == "gif":
            frames, _ = gif.convert(clip, scratch / "beat.gif")
            clip = scratch / "beat.gif"
        with dir_lock(media / ".scratch"):
            put(folder, {target.name: clip}, ASIDE)
    return target, frames


def _rate(scene: RenderedScene) -> Fraction:
    return Fraction(scene.fps).limit_denominator(1001)


def _sound_of(scene: RenderedScene) -> AudioMix | None:
    return mix_audio([(scene.video, scene.frames)], _rate(scene))


def _write_clip(scene: RenderedScene, index: int, target: Path, sound: AudioMix | None) -> int:
    """Write beat `index` to `target`, with its part of `sound`; returns its number of frames."""
    rate = _rate(scene)
    start, end = (frame_index(scene.beats[index][key], rate) for key in ("start", "end"))
    if not _remux(scene.video, rate, start, end, target):
        _reencode(scene.video, rate, start, end, target)
    part = sound.between(float(start / rate), float(end / rate)) if sound is not None else None
    if part is not None and not part.silent:
        pictures = target.with_suffix(".pictures.mp4")
        target.rename(pictures)
        mux_film([(pictures, end - start)], rate, target, audio=part)
        pictures.unlink()
    return end - start


def frame_index(seconds: float, rate: Fraction) -> int:
    """The index of the frame that is first shown at `seconds`."""
    return round(Fraction(seconds) * rate)


def _remux(video: Path, rate: Fraction, start: int, end: int, target: Path) -> bool:
    """Copy the packets of frames `start` to `end`; False if they cannot be decoded alone."""
    with av.open(str(video)) as source:
        stream = source.streams.video[0]
        step = 1 / (rate * (stream.time_base or Fraction(1, 1000)))
        packets = [p for p in source.demux(stream) if p.dts is not None and p.pts is not None]
        first, last = start * step, end * step
        packets = [p for p in packets if first - step / 2 <= (p.pts or 0) < last - step / 2]
        if not packets or not packets[0].is_keyframe or len(packets) != end - start:
            return False
        with av.open(str(target), "w", format="mp4", options={"movflags": "faststart"}) as out:
            copied_stream = out.add_stream_from_template(stream)
            for packet in packets:
                packet.pts = (packet.pts or 0) - round(first)
                packet.dts = (packet.dts or 0) - round(first)
                packet.stream = copied_stream
                out.mux(packet)
    return True


def _reencode(video: Path, rate: Fraction, start: int, end: int, target: Path) -> None:
    """Decode frames `start` to `end` and encode them with x264."""
    options = {"movflags": "faststart"}
    with av.open(str(video)) as source, av.open(str(target), "w", "mp4", options=options) as out:
        stream = source.streams.video[0]
        encoder: Any = out.add_stream("libx264", rate=rate, options=REENCODE_OPTIONS)
        encoder.width, encoder.height, encoder.pix_fmt = stream.width, stream.height, "yuv420p"
        for frame in source.decode(stream):
            index = frame_index(frame.time or 0.0, rate)
            if index >= end:
                break
            if index >= start:
                frame.pts, frame.time_base = index - start, 1 / rate
                frame.pict_type = av.video.frame.PictureType.NONE
                out.mux(encoder.encode(frame))
        out.mux(encoder.encode(None))
