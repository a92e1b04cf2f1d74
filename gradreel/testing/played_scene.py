"""The numbers of a scene, for assertions: the scene is played without being drawn.

values = scene_values("scenes/mine.py:Softmax", x=2)
values.number("loss").value           # by source
values.beat("the gradient").numbers   # by beat
values.tape.grad("z")                 # the recording, if the scene has set `tape`
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltarender.errors import RenderError
from deltarender.jobs import Job, SceneRef
from gradreel.errors import GradreelError, UsageError, unknown_name
from gradreel.lecture_settings import LectureSettings, modules_to_preload
from gradreel.testing import session

if TYPE_CHECKING:
    from deltarender.batch import DryRun
    from gradreel.tape import Tape

LAYOUT_CHECK = "gradreel.lint:layout_faults"


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A number on screen: its digits, its exact value, and where it came from."""

    text: str
    value: float
    source: str

    def __float__(self) -> float:
        return self.value


@dataclass(frozen=True, slots=True)
class BeatValues:
    """One beat: its name, its caption, and the numbers on screen when it ends."""

    name: str
    caption: str
    numbers: tuple[ShownValue, ...]


@dataclass(frozen=True, slots=True, repr=False)
class SceneValues:
    """A scene that was played: its inputs, beats and tape.

    `document` is what `values --json` prints, `faults` what `lint` finds, `stem` the name of its
    golden file.
    """

    scene: str
    stem: str
    inputs: Mapping[str, Any]
    beats: tuple[BeatValues, ...]
    document: Mapping[str, Any]
    faults: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"SceneValues({self.stem}, {len(self.beats)} beats, {len(self.numbers)} numbers)"

    @property
    def numbers(self) -> tuple[ShownValue, ...]:
        """The numbers of all beats, in order."""
        return tuple(number for beat in self.beats for number in beat.numbers)

    @property
    def tape(self) -> Tape | None:
        """The recording that the scene shows; None if it has set no `tape`."""
        from gradreel.tape import Tape

        data = self.document["tape"]
        return Tape.from_dict(data) if data is not None else None

    def beat(self, name: str) -> BeatValues:
        """The beat of this name, or of this number from 1. Raises UsageError with the names."""
        from deltarender.beat_names import find_beat

        return self.beats[find_beat([beat.name for beat in self.beats], name, self.scene)]

    def number(self, source: str, beat: str = "") -> ShownValue:
        """The last number shown from this source, or from one that matches a pattern such as "z*".

        With `beat`, of that beat. Raises UsageError with the sources if there is none.
        """
        numbers = self.beat(beat).numbers if beat else self.numbers
        for number in reversed(numbers):
            if number.source == source or fnmatchcase(number.source, source):
                return number
        valid = dict.fromkeys(number.source for number in numbers)
        raise unknown_name("source", source, valid, where=self.scene)


def scene_values(scene: str, /, **params: Any) -> SceneValues:
    """Play a scene and return its numbers.

    `scene` is `path.py:Class`, `path.py` if the file has one scene, or a name of the lecture; a
    path counts from the project's folder. Raises UsageError for a wrong scene or parameter, and
    RenderError if the scene fails, with the line.
    """
    __tracebackhide__ = True
    with short_traceback():
        run = play(job_for(scene, params), beat_observers=(LAYOUT_CHECK,))
    return _values_of(run)


@contextmanager
def short_traceback() -> Iterator[None]:
    """Errors within the block keep their message, and end at the line of the test."""
    __tracebackhide__ = True
    try:
        yield
    except GradreelError as error:
        # The message says all; the frames of this package would only hide the test's line.
        raise error.with_traceback(None) from None


def job_for(scene: str, params: Mapping[str, Any], quality: str = "l", **settings: Any) -> Job:
    """The job that plays `scene`. Raises UsageError for an unknown scene or a wrong parameter."""
    from gradreel import catalog

    entries = catalog.find_entries(_below_root(scene))
    if len(entries) != 1:
        names = [f"{scene}:{entry.cls}" for entry in entries]
        raise UsageError("this file has several scenes.", where=scene, valid=names)
    (entry,) = entries
    texts = {name: _as_text(value) for name, value in params.items()}
    catalog.check_params(entry, texts)
    target = SceneRef(Path(entry.file), entry.cls, entry.name)
    media = session.current().media_dir
    return Job(target, LectureSettings.of(quality, **settings), tuple(texts.items()), media)


def play(job: Job, **options: Any) -> DryRun:
    """Play one scene without a video. Raises RenderError if it fails."""
    from deltarender.batch import dry_run

    (run,) = dry_run([job], workers=1, preload=modules_to_preload, **options)
    if run.error is not None:
        where = f"{job.target.name} failed"
        raise RenderError(run.error.message, where=where, hint=run.error.line)
    return run


def _values_of(run: DryRun) -> SceneValues:
    from gradreel.golden import extract_values

    manifest: Any = run.manifest
    beats = tuple(
        BeatValues(row["name"], row["say"], tuple(ShownValue(**n) for n in row["numbers"]))
        for row in manifest["beats"]
    )
    return SceneValues(
        manifest["scene"], run.job.stem, manifest["inputs"], beats, extract_values(manifest),
        tuple(_fault_lines(run.observed.get(LAYOUT_CHECK, ()))),
    )  # fmt: skip


def _fault_lines(observed: Sequence[Sequence[Mapping[str, Any]]]) -> list[str]:
    return [
        "  ".join(str(part) for part in fault.values() if part)
        for rows in observed
        for fault in rows
    ]


def _below_root(scene: str) -> str:
    """A path relative to the project's folder as one that works in this process."""
    if ".py" not in scene or Path(scene).is_absolute():
        return scene
    root = session.current().root
    path = root / scene
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
