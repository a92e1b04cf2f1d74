"""Who may talk to the studio: only pages of its own address that know its token."""

from __future__ import annotations

import hmac
import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "gradreel_studio"
HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
        b"img-src 'self' data: blob:; media-src 'self' blob:; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)


class AccessGuard:
    """ASGI middleware that answers 403 to all but the studio's own page.

    `hosts` are the accepted Host headers. The token is accepted as query parameter, and then as the
    cookie that the first answer sets. A browser sends the Origin of the page that opens a
    connection, so a foreign page is refused even with the cookie.
    """

    def __init__(self, app: ASGIApp, port: int, token: str = "") -> None:
        self._app = app
        self.token = token or secrets.token_urlsafe(24)
        self.cookie = f"{COOKIE}_{port}"
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an allowed request on, with headers added to its answer; refuse any other."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        reason = self._refusal(scope)
        if reason and scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4403, "reason": reason})
        elif reason:
            await PlainTextResponse(reason, 403)(scope, receive, send)
        else:
            await self._app(scope, receive, self._with_headers(send))

    def _refusal(self, scope: Scope) -> str:
        """Why a request is refused; "" if it is allowed."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        host, origin = headers.get(b"host", ""), headers.get(b"origin")
        if host not in self._hosts:
            return f"This is not an address of the studio: {host}"
        if origin is not None and origin.removeprefix("http://") != host:
            return f"Pages of {origin} may not use the studio."
        if not self._has_token(scope, headers.get(b"cookie", "")):
            return "Open the address that the command `studio` has printed: it contains a token."
        return ""

    def _has_token(self, scope: Scope, cookies: str) -> bool:
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        try:
            morsel = SimpleCookie(cookies).get(self.cookie)
        except CookieError:
            morsel = None
        offered = [*query.get("token", []), *([morsel.value] if morsel else [])]
        return any(hmac.compare_digest(one.encode(), self.token.encode()) for one in offered)

    def _with_headers(self, send: Send) -> Send:
        cookie = f"{self.cookie}={self.token}; HttpOnly; SameSite=Strict; Path=/".encode()

        async def send_with_headers(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))  # type: ignore[call-overload]
                message["headers"] = [*headers, *HEADERS, (b"set-cookie", cookie)]
            await send(message)

        return send_with_headers  # type: ignore[return-value]
