"""When a tab of the studio imports its scene again, and when it only plays it again."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from gradreel.errors import UsageError
from gradreel.explore import studio_session
from gradreel.explore.protocol import OpenScene
from gradreel.explore.scene_list import SceneList
from gradreel.explore.studio_server import bind
from gradreel.explore.studio_session import StudioSession
from gradreel.lecture_settings import LectureSettings

dead: list[bool] = []  # something, if the process that has imported the scene was killed
memory = [0]  # bytes that the scene's processes hold
sent: list[dict] = []  # to the page


@pytest.fixture
def calls(monkeypatch) -> list[str]:
    """What sessions are asked to do: "import NAME", "play PARAMS", "close"."""
    done: list[str] = []

    class Session:
        def __init__(self, task, listen) -> None:
            done.append(f"import {task.job.target.name}")

        def play(self, params, first, listen) -> None:
            done.append(f"play {dict(params)}")

        def memory(self) -> int:
            return memory[0]

        def is_alive(self) -> bool:
            return not dead

        def close(self) -> None:
            done.append("close")

    memory[0] = 0
    monkeypatch.setattr(studio_session, "LiveSession", Session)
    return done


def run(tmp_path, script) -> None:
    """Run the coroutine function `script` with a session that has opened TangentLine."""

    async def whole() -> None:
        async def send(message) -> None:
            sent.append(message)

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


def test_a_scene_whose_process_was_killed_is_imported_again(calls, tmp_path):
    async def script(session) -> None:
        dead.append(True)
        await session.open(OpenScene("TangentLine", {"start": "2"}, -1))

    try:
        run(tmp_path, script)
    finally:
        dead.clear()
    assert calls == ["import TangentLine", "close"] * 2


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


def test_a_scene_that_hangs_or_eats_memory_is_ended_and_the_tab_lives(calls, tmp_path, monkeypatch):
    monkeypatch.setattr(studio_session, "LIMITS_EVERY_S", 0.01)

    async def script(session) -> None:
        watching = asyncio.create_task(session.watch_limits())
        await asyncio.sleep(0.05)
        assert calls == ["import TangentLine"]
        memory[0] = studio_session.MEMORY_LIMIT + 1
        await wait_for(lambda: calls[-1] == "close")
        memory[0] = 0
        monkeypatch.setattr(studio_session, "OPEN_TIMEOUT_S", 0.02)
        await session.open(OpenScene("TangentLine", {}, -1))
        await wait_for(lambda: calls[-1] == "close")
        await session.open(OpenScene("TangentLine", {}, -1))
        watching.cancel()

    sent.clear()
    run(tmp_path, script)
    assert calls == ["import TangentLine", "close"] * 3
    reasons = [message["message"] for message in sent if message["kind"] == "failed"]
    assert "more than 2048 MB of memory" in reasons[0]
    assert "has not answered for 0.02 seconds" in reasons[1]


async def wait_for(condition) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


def test_a_port_that_is_in_use_is_said_plainly():
    listener = bind(0)
    with listener, pytest.raises(UsageError) as caught:
        bind(listener.getsockname()[1])
    assert "cannot be used" in str(caught.value)
    assert "Leave --port out" in caught.value.hint


def test_the_server_itself_imports_nothing_heavy():
    """What it would import is held for as long as it runs, and delays the first picture."""
    source = "import gradreel.explore.studio_server, sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) & {"manim", "torch", "numpy", "PIL", "pydantic"} == set()
