"""Looks at every report over HTTP: is it reachable, is its status good, does the page say what it must, is it slow."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import requests
import urllib3.exceptions

from collectors import web
from collectors.base import Collector, Context, Yield
from collectors.parallel import finished
from collectors.reach import Reach
from config.reports import Report
from store.rows import CheckState, Fault, ReportCheck, Stage

COLLECTOR = Collector(
    name="http_checks",
    group="web",
    every=timedelta(seconds=30),
    timeout=timedelta(seconds=150),
    help="Asks every report of the estate at its URL; a report's own `timeout_seconds` limits its whole check.",
    settle=timedelta(seconds=10),
)
WORKERS = 8
RUN_SECONDS = 140.0
MAX_BYTES = 1_000_000
CHUNK_BYTES = 65_536
OUR_FAULT = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.ProxyError,
)
BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Page:
    """What a report answered: the first MAX_BYTES of its body and whether that is all of it."""

    status: int
    body: bytes
    is_whole: bool
    encoding: str
    seconds: float
    days_left: float | None


def collect(ctx: Context, opener: web.Opener = web.get) -> Iterator[Yield]:
    """One verdict per report, each as soon as it is known."""
    reports = {report.id: report for report in ctx.estate.reports if report.check == "http"}
    work = {report.id: partial(check, report, ctx.now, opener, ctx.estate.private_hosts) for report in reports.values()}
    for report_id, answer in finished(work, WORKERS, RUN_SECONDS):
        if isinstance(answer, BaseException):
            yield _own_failure(report_id, ctx.now, answer)
        else:
            yield answer


def check(
    report: Report, now: datetime, opener: web.Opener = web.get, private_hosts: Sequence[str] = ()
) -> ReportCheck:
    """The verdict on one report at `now`, which may use `private_hosts` of the house; what `reports check` prints."""
    blank = ReportCheck(report.id, now, CheckState.UNKNOWN, Stage.REACHABLE)
    started = time.perf_counter()
    try:
        with web.time_limit(report.timeout_seconds) as watch:
            page = _open(report, now, partial(opener, refuse=Reach.of(private_hosts, report.url).refuse), started)
        if watch.is_over:
            raise requests.Timeout
    except web.RefusedAddressError as error:
        return replace(blank, message=str(error))
    except OUR_FAULT as error:
        return replace(blank, message=f"The report could not be asked: {error}; correct its url or the proxy.")
    except requests.TooManyRedirects:
        return replace(
            blank,
            state=CheckState.DOWN,
            stage=Stage.LOADED,
            fault=Fault.REDIRECT_LOOP,
            message=f"Redirected more than {web.MAX_REDIRECTS} times.",
        )
    except BROKEN as error:
        is_over = watch.is_over or isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError)
        message = f"No whole answer within {report.timeout_seconds:g} s." if is_over else _reason(error)
        return replace(blank, state=CheckState.DOWN, latency_seconds=time.perf_counter() - started, message=message)
    return _judge(report, now, page)


def _own_failure(report_id: str, now: datetime, error: BaseException) -> ReportCheck:
    """A check that broke in a way nobody thought of says nothing about its report."""
    message = f"The check itself failed: {type(error).__name__}: {error}"
    return ReportCheck(report_id, now, CheckState.UNKNOWN, Stage.REACHABLE, message=message)


def _open(report: Report, now: datetime, opener: Callable[..., requests.Response], started: float) -> Page:
    limit = report.timeout_seconds
    with opener(str(report.url), timeout=(limit, limit), stream=True, allow_redirects=True) as response:
        left = web.days_left(response, now)
        body = b""
        while len(body) < MAX_BYTES and (chunk := response.raw.read1(CHUNK_BYTES, decode_content=True)):
            body += chunk
        is_declared = "charset=" in response.headers.get("Content-Type", "").lower()
        encoding = (response.encoding if is_declared else None) or "utf-8"
        seconds = time.perf_counter() - started
        return Page(response.status_code, body[:MAX_BYTES], len(body) < MAX_BYTES, encoding, seconds, left)


def _judge(report: Report, now: datetime, page: Page) -> ReportCheck:
    def verdict(state: CheckState, stage: Stage, message: str) -> ReportCheck:
        return ReportCheck(report.id, now, state, stage, page.status, page.seconds, page.days_left, message)

    if not 200 <= page.status < 400:
        return verdict(CheckState.DOWN, Stage.LOADED, f"Answered {page.status}, expected 2xx.")
    if report.must_contain is not None and not _contains(page, report.must_contain):
        where = "the page" if page.is_whole else f"the first {MAX_BYTES:,} bytes of the page"
        return verdict(CheckState.DOWN, Stage.PRESENT, f"“{report.must_contain}” is not in {where}.")
    if page.seconds > report.slow_seconds:
        message = f"Took {page.seconds:.2f} s, slow from {report.slow_seconds:g} s."
        return verdict(CheckState.DEGRADED, Stage.FAST, message)
    return verdict(CheckState.UP, Stage.FAST, f"Answered {page.status} in {page.seconds:.2f} s.")


def _contains(page: Page, text: str) -> bool:
    try:
        return text in page.body.decode(page.encoding, errors="replace")
    except LookupError:
        return text.encode() in page.body


def _reason(error: Exception) -> str:
    """One sentence from the innermost cause: those around it repeat it with addresses of objects."""
    cause: BaseException = error
    while (inner := cause.__cause__ or cause.__context__) is not None:
        cause = inner
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"The certificate is not accepted: {cause.verify_message}."
    if isinstance(cause, OSError) and cause.strerror:
        return f"Not reachable: {cause.strerror}."
    return f"Not reachable: {cause}."
