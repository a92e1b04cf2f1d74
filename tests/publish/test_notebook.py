"""`gradreel.notebook.show` returns the rendered film of a scene."""

from __future__ import annotations

import base64

import pytest

from gradreel.errors import UsageError

pytest.importorskip("IPython")


def test_a_wrong_parameter_is_refused_before_anything_runs(tmp_path):
    from gradreel.notebook import show

    with pytest.raises(UsageError, match="function"):
        show("TangentLine", functoin="x", media_dir=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_film_is_embedded_in_the_page(lecture, media):
    from gradreel.notebook import show

    part = lecture.parts[0]
    video = show(f"{part.file}:{part.cls}", quality="l", media_dir=media)
    film = (media / "videos" / "480p15" / "First.mp4").read_bytes()
    assert base64.b64encode(film).decode() in video._repr_html_().replace("\n", "")
