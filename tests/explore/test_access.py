"""Who the studio answers: its own page, with its token, under its own address."""

from __future__ import annotations

import asyncio

import pytest

from gradreel.explore.access import AccessGuard

PORT, TOKEN = 8123, "secret"
HOST = f"127.0.0.1:{PORT}"


async def application(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"let in"})


def ask(kind="http", query=f"token={TOKEN}", **headers) -> list[dict]:
    """The messages that the guarded application sends for a request."""
    sent: list[dict] = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request"}

    scope = {
        "type": kind, "method": "GET", "path": "/", "query_string": query.encode(),
        "headers": [(n.encode(), v.encode()) for n, v in {"host": HOST, **headers}.items()],
    }  # fmt: skip
    asyncio.run(AccessGuard(application, PORT, TOKEN)(scope, receive, send))
    return sent


def status(messages: list[dict]) -> int:
    return messages[0].get("status", messages[0].get("code"))


def test_the_token_lets_in_and_becomes_a_cookie_that_scripts_cannot_read():
    messages = ask()
    assert status(messages) == 200
    headers = dict(messages[0]["headers"])
    assert b"HttpOnly; SameSite=Strict" in headers[b"set-cookie"]
    assert b"default-src 'self'" in headers[b"content-security-policy"]
    cookie = headers[b"set-cookie"].decode().partition(";")[0]
    assert status(ask(query="", cookie=cookie)) == 200
    assert status(ask(query="", cookie=cookie, origin=f"http://{HOST}")) == 200


@pytest.mark.parametrize(
    "request_",
    [
        {"query": ""},
        {"query": "token=guessed"},
        {"query": "", "cookie": f"gradreel_studio_{PORT}=guessed"},
        {"query": "", "cookie": f"gradreel_studio_{PORT + 1}={TOKEN}"},
        {"host": "evil.example"},
        {"host": f"evil.example:{PORT}"},
        {"host": "127.0.0.1:80"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": f"https://{HOST}"},
    ],
)
def test_all_others_are_refused(request_):
    assert status(ask(**request_)) == 403
    assert status(ask(kind="websocket", **request_)) == 4403
