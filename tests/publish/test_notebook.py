"""`gradreel.notebook.show` returns the rendered film of a scene."""

from __future__ import annotations

import base64

import pytest

from gradreel.errors import UsageError
from gradreel.measure import example_programs
from gradreel.notebook import parameter_text

pytest.importorskip("IPython")


def test_a_wrong_parameter_is_refused_before_anything_runs(tmp_path):
    from gradreel.notebook import show

    with pytest.raises(UsageError, match="function"):
        show("TangentLine", functoin="x", media_dir=tmp_path)
    assert not list(tmp_path.iterdir())


def test_code_is_given_by_its_file_or_refused_with_what_to_do(tmp_path):
    path = example_programs.__file__
    assert parameter_text(example_programs.two_paths, "program") == f"{path}:two_paths"
    assert parameter_text(2.5, "x") == "2.5"
    written = parameter_text(lambda x: x**2, "function", tmp_path)
    assert written.startswith(f"{tmp_path}/.cache/notebook/f_") and written.endswith(".py:f")
    with pytest.raises(UsageError, match='save the code in a file and give function="mine.py'):
        parameter_text(example_programs.two_paths.__call__, "function", tmp_path)


@pytest.mark.slow
def test_the_film_is_embedded_in_the_page(lecture, media):
    from gradreel.notebook import show

    part = lecture.parts[0]
    video = show(f"{part.file}:{part.cls}", quality="l", media_dir=media)
    film = (media / "videos" / "480p15-plain" / "First.mp4").read_bytes()
    assert base64.b64encode(film).decode() in video._repr_html_().replace("\n", "")
