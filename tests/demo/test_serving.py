"""The headers that every answer to the browser has."""

import asyncio
from typing import Any

import pytest

from gan_lightning.demo.serving import OwnAddressOnly


def sent(kind: str, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What leaves the server when the page sends these messages."""
    out: list[dict[str, Any]] = []

    async def page(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)

    async def keep(message: Any) -> None:
        out.append(dict(message))

    asyncio.run(OwnAddressOnly(page)({"type": kind}, None, keep))
    return out


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_an_answer_tells_the_browser_to_load_nothing_from_elsewhere(kind):
    messages = [
        {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]},
        {"type": "http.response.body", "body": b"x"},
    ]
    start, body = sent(kind, messages)
    assert body == {"type": "http.response.body", "body": b"x"}
    headers = dict(start["headers"])
    assert headers[b"content-type"] == b"text/html"
    policy = headers.get(b"content-security-policy", b"").decode()
    assert policy.startswith("default-src 'self'") == (kind == "http")
    assert "http:" not in policy
    assert "https:" not in policy
    assert "*" not in policy
