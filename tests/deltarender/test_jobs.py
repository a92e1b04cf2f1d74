"""Render settings and output paths: names that users rely on, and no path is used twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltarender.errors import UsageError
from deltarender.jobs import Job, RenderSettings, SceneRef, dedupe_jobs

SCENE = SceneRef(Path("scenes/a.py"), "A", "A")


@pytest.mark.parametrize(
    ("quality", "name"),
    [("l", "480p15"), ("m", "720p30"), ("h", "1080p60"), ("p", "1440p60"), ("k", "2160p60"),
     ("low", "480p15"), ("2k", "1440p60"), ("4k", "2160p60")],
)  # fmt: skip
def test_qualities_have_the_folder_names_of_manim(quality, name):
    assert RenderSettings.of(quality).name == name


def test_the_folder_name_has_all_that_changes_the_picture():
    base = {"resolution": (960, 720), "fps": 30}
    settings = [
        {},
        {"variant": "light"},
        {"variant": "a b/c"},
        {"transparent": True, "format": "mov"},
    ]
    names = [RenderSettings.of("h", **base, **look).name for look in settings]
    assert names[0] == "960x720p30"
    assert names[1] == "960x720p30-light"
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("settings", "stem"),
    [
        ({}, "A"),
        ({"animations": (2, -1)}, "A_n2-"),
        ({"animations": (0, 3), "background": "#ece6e2"}, "A_n0-3_ece6e2"),
        ({"background": "WHITE"}, "A_WHITE"),
    ],
)
def test_a_part_of_a_scene_has_files_of_its_own(settings, stem):
    assert Job(SCENE, RenderSettings.of("l", **settings)).stem == stem


@pytest.mark.parametrize(
    "wrong",
    [{"width": 0}, {"height": -2}, {"width": 641}, {"fps": 0}, {"format": "avi"},
     {"encode": "tiny"}, {"transparent": True}, {"background": "#fff"}, {"background": "a b"},
     {"animations": (-1, 3)}, {"animations": (3, 2)}],
)  # fmt: skip
def test_settings_that_no_file_can_have_are_refused(wrong):
    with pytest.raises(UsageError):
        RenderSettings(**({"width": 640, "height": 480, "fps": 30} | wrong))


def test_output_paths_of_a_job():
    job = Job(SCENE, RenderSettings.of("h"), media_dir=Path("media"))
    assert job.video == Path("media/videos/1080p60/A.mp4")
    assert job.manifest == Path("media/videos/1080p60/A.json")
    assert job.srt.name == "A.srt"
    assert job.vtt.name == "A.vtt"


@given(st.text(max_size=60), st.text(max_size=60))
def test_different_parameters_never_share_a_file(one, other):
    first, second = (
        Job(SCENE, RenderSettings.of("l"), (("x", value),)).video.name.lower()
        for value in (one, other)
    )
    assert (first == second) == (one == other)
    assert "/" not in first
    assert len(first.encode()) < 128


def test_scenes_of_one_name_from_two_files_have_distinct_outputs():
    twin = SceneRef(Path("other/b.py"), "A", "A")
    jobs = dedupe_jobs([Job(t, RenderSettings.of("l")) for t in (SCENE, twin, SCENE)])
    assert [job.target.file for job in jobs] == [SCENE.file, twin.file]
    assert len({job.video for job in jobs}) == 2


@pytest.mark.parametrize(
    ("params", "stem"),
    [
        ((("start", "-4"), ("stop", "4")), "S_start=-4_stop=4"),
        ((("x", "-.5"),), "S_x=-.5"),
    ],
)
def test_parameters_in_names_of_files_keep_their_sign(params, stem) -> None:
    assert Job(SceneRef(Path("s.py"), "S", "S"), RenderSettings.of("l"), params).stem == stem


def test_different_formulas_give_different_names_of_files() -> None:
    def stem(formula: str) -> str:
        params = (("function", formula),)
        return Job(SceneRef(Path("s.py"), "S", "S"), RenderSettings.of("l"), params).stem

    assert stem("x*sin(x)").startswith("S_function=x-sin-x_")
    assert stem("x**2").startswith("S_function=x^2_")
    assert len({stem(f) for f in ("x*sin(x)", "x-sin(x)", "x**2", "x^2", "X**2")}) == 5


def test_rates_that_differ_have_folders_that_differ() -> None:
    names = {RenderSettings(1920, 1080, rate).name for rate in (29.97, 30000 / 1001, 30, 30.0)}
    assert names == {"1080p29.97", "1080p29.97002997", "1080p30"}
