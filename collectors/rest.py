"""Asks a scheduler's web API for JSON: with a time limit, two retries, and one sentence when there is no good answer.

No sentence has anything of the answer or of the request but its path, so none can show a secret. An address that
leads to a link-local one is refused, as in collectors.web.
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import Mapping
from typing import Any

import orjson
import requests
import urllib3.exceptions
from requests.auth import AuthBase
from urllib3.util import Retry

from collectors import web
from collectors.base import SourceError
from collectors.web import GuardedAdapter

MAX_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 65_536
TRIES = Retry(
    total=2,
    read=1,
    other=0,
    status_forcelist=(500, 502, 503, 504),
    allowed_methods=None,  # what is posted here are questions, so they may be asked again
    backoff_factor=0.2,
    raise_on_status=False,
    respect_retry_after_header=False,
)
HEADERS = {"User-Agent": "shewhart-collector", "Accept": "application/json"}
BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)
WHAT_TO_DO = {
    400: "did not understand the question; check that its version is supported",
    401: "does not accept the credentials; correct them in the estate",
    403: "does not let this account read runs; give it a role that may, or a token that is still good",
    404: "has no such page; correct its url",
    429: "is asked too often; raise `every` of this collector in the estate",
}


class AnswerError(SourceError):
    """A source gave no usable answer; `status` is the HTTP status where there was one."""

    def __init__(self, sentence: str, status: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status


class Headers(AuthBase):
    """Headers that let a request in; given as auth, so that no .netrc takes their place."""

    def __init__(self, headers: Mapping[str, str] | None = None) -> None:
        self._headers = dict(headers or {})

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers)
        return request


def bearer(token: str) -> Headers:
    """Lets a request in by a token."""
    return Headers({"Authorization": f"Bearer {token}"})


def basic(username: str, password: str) -> Headers:
    """Lets a request in by name and password."""
    word = base64.b64encode(f"{username}:{password}".encode()).decode()
    return Headers({"Authorization": f"Basic {word}"})


class Client:
    """Asks the API at `url`; `name` is what sentences call it, `seconds` limit each answer."""

    def __init__(self, name: str, url: str, seconds: float, auth: AuthBase | None = None) -> None:
        self.name, self.url, self._seconds, self._auth = name, url, seconds, auth or Headers()

    def let_in(self, auth: AuthBase) -> None:
        """Use `auth` from now on."""
        self._auth = auth

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> dict[str, Any]:
        """The JSON object at `path`; raises AnswerError."""
        return self._ask("GET", path, params=params)

    def post(
        self, path: str, content: Mapping[str, object] | None = None, form: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The JSON object answered to `content` (sent as JSON) or to a `form`; raises AnswerError."""
        return self._ask("POST", path, content=content, form=form)

    def token(
        self, path: str, content: Mapping[str, object] | None = None, form: Mapping[str, str] | None = None
    ) -> str:
        """The token that is given at `path` for credentials; raises AnswerError."""
        try:
            found = self.post(path, content, form).get("access_token")
        except AnswerError as error:
            if error.status != 400:
                raise
            raise AnswerError(f"{self.name} answered 400 at {path}: it {WHAT_TO_DO[401]}.", 401) from error
        if not isinstance(found, str) or not found:
            raise AnswerError(f"{self.name} gave no token at {path}; check its version and url.")
        return found

    def _ask(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int] | None = None,
        content: Mapping[str, object] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        limit = (self._seconds, self._seconds)
        body = b""
        with web.time_limit(self._seconds) as watch:
            try:
                # The time limit ends connections that are made under it, so none is kept for the next question.
                with (
                    _session(self._auth) as session,
                    session.request(
                        method,
                        f"{self.url}{path}",
                        params=params,
                        json=content,
                        data=form,
                        timeout=limit,
                        stream=True,
                        allow_redirects=False,
                    ) as response,
                ):
                    body = self._read(response)
            except web.RefusedAddressError as error:
                raise AnswerError(
                    f"{self.name} is on a link-local address, where clouds keep their keys; give it another url."
                ) from error
            except BROKEN as error:
                raise AnswerError(f"{self.name} cannot be asked: {self._why(error, watch.is_over)}.") from error
        return self._read_json(path, response, body)

    def _why(self, error: Exception, is_over: bool) -> str:
        if is_over or isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
            return f"it gave no whole answer within {self._seconds:g} s; see how it is, or raise its timeout_seconds"
        return f"{_reason(error)}; see whether it runs and its url is right"

    def _read(self, response: requests.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(CHUNK_BYTES):
            body += chunk
            if len(body) > MAX_BYTES:
                raise AnswerError(f"{self.name} answered with more than {MAX_BYTES:,} bytes; ask for a shorter time.")
        return bytes(body)

    def _read_json(self, path: str, response: requests.Response, body: bytes) -> dict[str, Any]:
        status = response.status_code
        if not 200 <= status < 300:
            raise AnswerError(f"{self.name} answered {status} at {path}: it {_advice(status)}.", status)
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            if "html" in response.headers.get("Content-Type", ""):
                said = "a web page, expected JSON; its url may be that of a login or of a proxy"
            else:
                said = "what is not whole JSON; it is asked again at the next run"
            raise AnswerError(f"{self.name} answered {said} ({path}).", status) from error
        if not isinstance(found, dict):
            raise AnswerError(
                f"{self.name} answered {type(found).__name__} at {path}, expected an object; check its url."
            )
        return found


def _session(auth: AuthBase) -> requests.Session:
    made = requests.Session()
    made.auth = auth
    made.headers.update(HEADERS)
    for scheme in ("http://", "https://"):
        adapter = GuardedAdapter()
        adapter.max_retries = TRIES
        made.mount(scheme, adapter)
    return made


def _advice(status: int) -> str:
    """What an answer that is none means, and what to do."""
    if status in WHAT_TO_DO:
        return WHAT_TO_DO[status]
    if status < 400:
        return "is somewhere else, or asks for a login; correct its url"
    return "refused the question; check its url" if status < 500 else "has a trouble of its own; look into its log"


def _reason(error: Exception) -> str:
    """Why there was no answer, from the innermost cause: those around it repeat it with addresses of objects."""
    cause: BaseException = error
    while (inner := cause.__cause__ or cause.__context__) is not None:
        cause = inner
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted ({cause.verify_message})"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    return "the connection broke off"
