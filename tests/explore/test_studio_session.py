"""When a tab of the studio imports its scene again, and when it only plays it again."""

from __future__ import annotations

import asyncio

import pytest

from gradreel.explore import studio_session
from gradreel.explore.protocol import OpenScene
from gradreel.explore.scene_list import SceneList
from gradreel.explore.studio_session import StudioSession
from gradreel.lecture_settings import LectureSettings


@pytest.fixture
def calls(monkeypatch) -> list[str]:
    """What sessions are asked to do: "import NAME", "play PARAMS", "close"."""
    done: list[str] = []

    class Session:
        def __init__(self, task, listen) -> None:
            done.append(f"import {task.job.target.name}")

        def play(self, params, first, listen) -> None:
            done.append(f"play {dict(params)}")

        def close(self) -> None:
            done.append("close")

    monkeypatch.setattr(studio_session, "LiveSession", Session)
    return done


def run(tmp_path, script) -> None:
    """Run the coroutine function `script` with a session that has opened TangentLine."""

    async def whole() -> None:
        async def send(message) -> None:
            pass

        scenes = SceneList.of(["TangentLine", "ChainRule"], tmp_path)
        session = StudioSession(scenes, LectureSettings.of("l"), send)
        await session.open(OpenScene("TangentLine", {}, -1))
        await script(session)
        await session.close()

    asyncio.run(whole())


def test_other_parameters_need_no_import_and_another_scene_does(calls, tmp_path):
    async def script(session) -> None:
        await session.open(OpenScene("TangentLine", {"start": "2"}, -1))
        await session.open(OpenScene("ChainRule", {}, -1))

    run(tmp_path, script)
    assert calls == ["import TangentLine", "play {'start': '2'}", "close", "import ChainRule",
                     "close"]  # fmt: skip


def test_a_saved_file_is_imported_also_when_a_newer_request_overtakes(calls, tmp_path):
    async def script(session) -> None:
        await session.reopen(["tangent_line.py"])
        calls.append("overtaken")
        newer = OpenScene("TangentLine", {"start": "2"}, -1)
        await asyncio.gather(session.reopen(["tangent_line.py"]), session.open(newer))
        await session.open(OpenScene("TangentLine", {}, -1))

    run(tmp_path, script)
    first, overtaken = calls[: calls.index("overtaken")], calls[calls.index("overtaken") + 1 :]
    assert first == ["import TangentLine", "close", "import TangentLine"]
    assert overtaken.count("import TangentLine") == 1
    assert overtaken[-2:] == ["play {}", "close"]
