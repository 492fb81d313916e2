"""The page at an address of this machine, without any other one: no analytics, no relay, no fonts from elsewhere."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

THEME = gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])

_OWN = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:"
"""What a browser may load for the page: nothing from another address."""


class OwnAddressOnly:
    """Tells the browser, with every answer, to load nothing from another address."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"content-security-policy", _OWN.encode())]
            await send(message)

        await self.app(scope, receive, with_policy if scope["type"] == "http" else send)


@contextmanager
def serving(page: gr.Blocks, host: str, port: int) -> Iterator[str]:
    """Serve a page meanwhile, and give its address.

    Raises:
        OSError: the port is taken.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    _, address, _ = page.launch(
        server_name=host,
        server_port=port,
        share=False,
        ssr_mode=False,
        quiet=True,
        prevent_thread_lock=True,
        footer_links=[],
        theme=THEME,
        app_kwargs={"middleware": [Middleware(OwnAddressOnly)]},
    )
    try:
        yield address
    finally:
        page.close(verbose=False)


def serve(page: gr.Blocks, host: str, port: int) -> None:
    """Serve a page until a signal ends this process, and print its address.

    Raises:
        OSError: the port is taken.
    """
    with serving(page, host, port) as address:
        print(f"The page is at {address} ; Ctrl-C ends it", flush=True)
        threading.Event().wait()
