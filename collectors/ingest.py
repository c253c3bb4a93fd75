"""The HTTP service that jobs report to: Healthchecks-compatible ping URLs, health, metrics.

A ping is answered 200 only after its facts are on disk in the spool, so nothing acknowledged is lost. Keys are secrets:
they are looked up by their hash and stand in no log line.
"""

from __future__ import annotations

import hashlib
import math
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import structlog
import uvicorn
from anyio import to_thread
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from collectors.buckets import Buckets
from collectors.heartbeat import Heartbeat
from collectors.ingest_metrics import PINGS, StoreGauges, exposition
from collectors.pings import PingError, Runs, parse
from config.load import FILE, EstateError, in_force
from store import clock
from store.errors import SpoolFullError
from store.lifetime import ending
from store.settings import LOOPBACK, Settings, settings
from store.spool import Spool

MOST_BODY_BYTES = 64 * 1024 * 1024
METHODS = ["GET", "POST", "HEAD"]
log = structlog.get_logger("collectors.ingest")


class Refusal(Exception):  # noqa: N818  (a refusal is an answer, not a fault)
    """A ping that is not recorded, with what to answer."""

    def __init__(self, status: int, outcome: str, sentence: str, retry_after: int | None = None) -> None:
        super().__init__(sentence)
        self.status, self.outcome, self.sentence, self.retry_after = status, outcome, sentence, retry_after


class Keys:
    """Job ids by the hash of their ping key, as estate.yaml has them now."""

    def __init__(self, conf: Settings) -> None:
        self._conf = conf
        self._seen: tuple[int, int] | None = None
        self._jobs: dict[bytes, str] = {}

    def job(self, key: str) -> str | None:
        """The job of `key`; the estate is read again when its file has changed."""
        self._refresh()
        return self._jobs.get(_hash(key))

    def _refresh(self) -> None:
        found = _stamp(self._conf.estate / FILE)
        if found == self._seen:
            return
        self._seen = found
        try:
            loaded = in_force(self._conf.estate, self._conf.state_path / FILE)
        except (EstateError, OSError) as error:
            log.error("no estate to take ping keys from, those known stay", problem=str(error))
            return
        if loaded.problem:
            log.error("estate unusable, the last good one stays in force", problem=loaded.problem)
        self._jobs = {_hash(job.ping_key): job.id for job in loaded.estate.jobs if job.ping_key}
        log.info("ping keys read", jobs=len(self._jobs))


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when a file is written: its time and size; zeros when there is none."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


class Service:
    """Takes pings one after the other, so that the rows of a job are spooled in the order they were answered."""

    def __init__(self, conf: Settings, queue: Spool, now: Callable[[], datetime], timer: Callable[[], float]) -> None:
        self._conf, self._queue, self._now = conf, queue, now
        self._keys = Keys(conf)
        self._buckets = Buckets(conf.pings_per_minute, timer)
        self._runs = Runs(_usable(conf.state_path / "ingest.json"))
        self._lock = threading.Lock()

    def take(self, key: str, what: str, rid: str | None, body: bytes) -> None:
        """Record a ping durably; raises Refusal when it is not recorded."""
        with self._lock:
            job_id = self._keys.job(key)
            if job_id is None:
                raise Refusal(404, "unknown", "not found")
            wait = self._buckets.wait_seconds(job_id)
            if wait:
                limit = f"more than {self._conf.pings_per_minute} pings a minute; send fewer or raise the limit"
                raise Refusal(429, "too_many", f"This key sends {limit}.", math.ceil(wait))
            self._record(job_id, what, rid, body)

    def _record(self, job_id: str, what: str, rid: str | None, body: bytes) -> None:
        message = body.decode("utf-8", "replace").replace("\0", "") or None
        try:
            ping = parse(what, rid, job_id, message)
            with self._runs.record(ping, self._now()) as rows:
                self._queue.put(rows)
        except PingError as error:
            raise Refusal(400, "malformed", str(error)) from error
        except SpoolFullError as error:
            log.error("ping not kept", job=job_id, problem=str(error))
            raise Refusal(
                507, "not_kept", "The disk of the ping service is full; send this ping again later."
            ) from error
        except OSError as error:
            log.error("ping not kept", job=job_id, problem=str(error))
            raise Refusal(503, "not_kept", "The ping could not be kept; send it again later.", 60) from error
        try:
            self._runs.save()
        except OSError as error:  # the fact is kept; only a restart now would miss its start
            log.error("open runs not saved", job=job_id, problem=str(error))
        log.info("ping", job=job_id, action=ping.action.value, status=rows[-1].status.value, run=rows[-1].run_id)


def _usable(path: Path) -> Path:
    """The file of open runs; one that cannot be read is put aside, because pings matter more than their pairing."""
    try:
        Runs(path)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        log.error("open runs unreadable, set aside", path=str(path), problem=str(error))
        path.rename(path.with_suffix(".bad"))
    return path


async def _read_body(request: Request, kept_bytes: int) -> bytes:
    """The first bytes of the body; the rest is read and dropped, so that the sender gets to its answer."""
    kept = bytearray()
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > MOST_BODY_BYTES:
                raise Refusal(413, "too_large", f"The body is over {MOST_BODY_BYTES:,} bytes; send a shorter one.")
            kept += chunk[: kept_bytes - len(kept)]
    except ClientDisconnect as error:
        raise Refusal(400, "broken_off", "The ping ended before its body did; send it again.") from error
    return bytes(kept)


def build_app(
    conf: Settings,
    spool: Spool | None = None,
    now: Callable[[], datetime] = clock.now,
    timer: Callable[[], float] = time.monotonic,
) -> Starlette:
    """The service as an ASGI application; `now` stamps the facts and `timer` (seconds) drives the rate limit."""
    service = Service(conf, spool or Spool(conf.spool_path, "ingest"), now, timer)
    gauges = StoreGauges(conf, now)
    heartbeat = Heartbeat("ingest", Spool(conf.spool_path, "heartbeat"), now)

    async def ping(request: Request) -> Response:
        key, what = request.path_params["key"], request.path_params.get("what", "")
        try:
            body = await _read_body(request, conf.ping_body_bytes)
            await to_thread.run_sync(service.take, key, what, request.query_params.get("rid"), body)
            answer = PlainTextResponse("OK")
            heartbeat.took()
            PINGS.labels("recorded").inc()
        except Refusal as refusal:
            answer = PlainTextResponse(refusal.sentence, refusal.status)
            PINGS.labels(refusal.outcome).inc()
            if refusal.retry_after is not None:
                answer.headers["Retry-After"] = str(refusal.retry_after)
        answer.headers["Ping-Body-Limit"] = str(conf.ping_body_bytes)
        return answer

    async def healthz(request: Request) -> Response:  # noqa: ARG001
        return PlainTextResponse("ok")

    async def metrics(request: Request) -> Response:  # noqa: ARG001
        return Response(await to_thread.run_sync(exposition, gauges), media_type=CONTENT_TYPE_LATEST)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:  # noqa: ARG001
        gauges.start()
        heartbeat.start()
        yield
        heartbeat.stop()
        gauges.stop()

    routes = [
        Route("/healthz", healthz),
        Route("/metrics", metrics),
        Route("/ping/{key}", ping, methods=METHODS),
        Route("/ping/{key}/{what}", ping, methods=METHODS),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.router.redirect_slashes = False  # a sender that follows no redirect would lose its ping and never know
    return app


def main() -> int:
    """Serve until told to end; pings under way are answered first."""
    conf = settings()
    ending()  # uvicorn ends on these signals, then raises them again for the earlier handler: nobody, for a clean exit
    server = uvicorn.Server(
        uvicorn.Config(
            build_app(conf),
            host=LOOPBACK,
            port=conf.ingest_port,
            access_log=False,
            server_header=False,
            log_level="warning",
            timeout_graceful_shutdown=10,
        )
    )
    log.info("serving", address=f"http://{LOOPBACK}:{conf.ingest_port}/ping/<key>")
    server.run()
    return 0 if server.started else 2


if __name__ == "__main__":
    sys.exit(main())
