"""Theme, captions and voice of a lecture as environment and as a folder's name."""

import pickle
from dataclasses import replace

import pytest

from gradreel.errors import UsageError
from gradreel.lecture_settings import LectureSettings


def test_the_folder_names_what_differs_from_the_default() -> None:
    plain = LectureSettings.of("h", theme="light", captions=False, voice="espeak-ng:en-us@1.5")
    assert LectureSettings.of("h").name == "1080p60"
    assert plain.name == "1080p60-light-plain-espeak-ng-en-us"
    assert replace(plain, captions=True, voice="").name == "1080p60-light"


def test_scenes_get_them_as_variables() -> None:
    settings = pickle.loads(pickle.dumps(LectureSettings.of("l", theme="light", captions=False)))
    assert dict(settings.environment) == {
        "GRADREEL_THEME": "light", "GRADREEL_CAPTIONS": "off", "GRADREEL_VOICE": "",
        "GRADREEL_LANGUAGE": "",
    }  # fmt: skip


def test_an_unknown_theme_is_refused_with_the_valid_ones() -> None:
    with pytest.raises(UsageError, match="dark, light"):
        LectureSettings.of("l", theme="dusk")
