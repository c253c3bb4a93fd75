"""Entry of the app: `streamlit run app/server.py`. Pre-imports, routes for machines, and headers for browsers."""

from __future__ import annotations

import base64
import gc
import hashlib
import importlib
import re
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import data, freshness_api, navigation, refreshing, status_api
from app.quality import wall

HEAVY = ("altair", "pandas", "plotly.graph_objects", "polars", "pyarrow")
INDEX = Path(st.__file__).parent / "static" / "index.html"
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


def content_policy(index: str) -> str:
    """The Content-Security-Policy that lets Streamlit's own page run and nothing from elsewhere."""
    digests = (hashlib.sha256(script.encode()).digest() for script in INLINE_SCRIPT.findall(index))
    hashes = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'wasm-unsafe-eval' {hashes}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' ws: wss:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "frame-ancestors 'self'",
        )
    )


class SecurityHeaders:
    """Adds the headers that keep a browser from doing what the app never asks for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = [
            (b"content-security-policy", content_policy(INDEX.read_text()).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"x-frame-options", b"SAMEORIGIN"),
            (b"referrer-policy", b"same-origin"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = {name for name, _ in self.headers}
                kept = [pair for pair in message["headers"] if pair[0].lower() not in ours]
                message = {**message, "headers": [*kept, *self.headers]}
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


async def healthz(_request: Request) -> Response:
    """The process serves; whether its data is current is what the pages and the supervisor's status say."""
    return JSONResponse({"status": "ok"})


async def metrics(_request: Request) -> Response:
    """This process in Prometheus text."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def check_options() -> None:
    """Without this option a hundred open sessions make every click take seconds; raises RuntimeError."""
    if st.get_option("runner.postScriptGC") is not False:
        raise RuntimeError(
            "The option runner.postScriptGC is on; start in the project's root, whose config.toml has it off."
        )


def preload() -> None:
    """Import and read what pages need before the first session does, and keep the garbage collector away from it."""
    for name in HEAVY:
        importlib.import_module(name)
    navigation.discover()
    data.estate()
    gc.collect()
    gc.freeze()


def warm() -> None:
    """Put together once what the heaviest pages show, so that their first visitors do not wait for first calls."""
    refreshing.situation()
    wall.warm()


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[dict[str, object]]:
    """Once per process."""
    check_options()
    preload()
    threading.Thread(target=warm, name="warm", daemon=True).start()
    yield {}


app = st.App(
    Path(__file__).with_name("main.py"),
    lifespan=lifespan,
    routes=[
        Route("/healthz", healthz),
        Route("/metrics", metrics),
        Route("/freshness/{report}.svg", freshness_api.badge),
        Route("/freshness/{report}", freshness_api.freshness),
        Route("/status", status_api.page),
        Route("/status/{report}.svg", status_api.badge),
        Route("/status/{report}", status_api.status),
    ],
    middleware=[Middleware(SecurityHeaders)],
)
