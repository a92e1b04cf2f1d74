"""Which script a walkthrough scene runs, and which parameters it takes."""

from pathlib import Path

import pytest

from gradreel.errors import UsageError
from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene, run_script
from gradreel.params import WalkthroughParams, param

SCRIPT = "assets/programs/three_pillars.py"


class Walk(CodeWalkthroughScene):
    class Params(WalkthroughParams):
        script: str = param("mine.py", "the script to walk through")


def test_a_script_of_the_package_is_found_from_any_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = (Path(__file__).parents[2] / SCRIPT).read_text().splitlines()
    assert run_script(SCRIPT).lines[0] in source


def test_a_script_in_the_working_directory_comes_before_one_of_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / SCRIPT
    script.parent.mkdir(parents=True)
    script.write_text("x = 41\n")
    monkeypatch.chdir(tmp_path)
    assert run_script(SCRIPT).lines == ("x = 41",)


def test_a_script_that_does_not_exist_is_reported_by_the_path_as_it_was_given() -> None:
    with pytest.raises(UsageError, match=r"assets/programs/absent\.py"):
        run_script("assets/programs/absent.py")


def test_a_scene_sets_its_default_script_and_keeps_the_other_parameters() -> None:
    params = Walk.Params.from_text({"linger": "7,9"})
    assert params.model_dump() == {"script": "mine.py", "linger": "7,9", "watch": ""}
    assert [row["name"] for row in Walk.Params.describe()] == ["script", "linger", "watch"]
