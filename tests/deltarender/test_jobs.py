"""Render settings and output paths: names that users rely on, and no path is used twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltarender import output_files
from deltarender.batch import plan
from deltarender.errors import UsageError
from deltarender.jobs import Job, RenderSettings, SceneRef, dedupe_jobs
from deltarender.own_size import with_own_size

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


@pytest.mark.parametrize(
    ("lines", "size"),
    [
        ("config.pixel_width = 540\nconfig['pixel_height'] = 960\nconfig.frame_rate = 24",
         (540, 960, 24)),
        ("config.pixel_width, config.pixel_height = 540, 960", (540, 960, 15)),
        ("config.frame_size = [540, 960]", (540, 960, 15)),
        ("config.frame_rate = 2 * 12", (854, 480, 15)),  # not known before it is executed
        ("config.pixel_height = 961", (854, 480, 15)),  # no MP4: rendering it says so
        ("def f():\n    config.frame_rate = 24", (854, 480, 15)),
        ("config.pixel_width = (", (854, 480, 15)),
    ],
)  # fmt: skip
def test_a_job_has_the_size_that_its_file_sets(tmp_path, lines, size):
    file = tmp_path / "tall.py"
    file.write_text(f"from manim import *\n{lines}\n")
    job = with_own_size(Job(SceneRef(file, "Tall", "Tall"), RenderSettings.of("l")))
    assert (job.profile.width, job.profile.height, job.profile.fps) == size


def test_a_video_of_another_file_keeps_its_place(tmp_path, monkeypatch):
    """Also when the two scenes of one name are rendered one after the other."""
    files = [tmp_path / name for name in ("one.py", "two.py", "gone.py")]
    for file in files[:2]:
        file.touch()
    one, two, gone = (
        Job(SceneRef(file, "Net", "Net"), RenderSettings.of("l"), (), tmp_path) for file in files
    )
    rendered = {one.manifest: {"fingerprint": {"source": f"{one.target.file}:Net"}}}
    monkeypatch.setattr(output_files, "find_manifest", rendered.get)
    assert [job.video.name for job, _ in plan([one])] == ["Net.mp4"]
    assert [job.video.name for job, _ in plan([two], force=True)] == ["Net-two.mp4"]
    rendered[one.manifest]["fingerprint"]["source"] = f"{gone.target.file}:Net"
    assert [job.video.name for job, _ in plan([two])] == ["Net.mp4"]  # its file was renamed
