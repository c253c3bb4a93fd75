"""Logins of reports by the name of a secret: an environment variable, or a file below the home that only we may read.

A value is never part of a message, and the error that met it is not chained to ours.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from collectors.base import SourceError
from config.reports import Login

NAME = re.compile(r"[a-z0-9-]{1,100}")
FOLDER = "secrets"
VARIABLE = "SHEWHART_SECRET_"
MOST_BYTES = 1_000_000
FOREIGN = stat.S_IRWXG | stat.S_IRWXO  # what group and others may do


class Cookie(BaseModel, extra="allow"):
    """What Playwright needs of a cookie."""

    name: str
    value: str
    domain: str
    path: str
    expires: float = -1
    sameSite: Literal["Strict", "Lax", "None"] = "Lax"  # noqa: N815  # Playwright's name


class Stored(BaseModel, extra="allow"):
    """A value that a page stores in the browser."""

    name: str
    value: str


class Origin(BaseModel, extra="allow"):
    """What the pages of one scheme, host and port store."""

    origin: str
    localStorage: list[Stored] = []  # noqa: N815  # Playwright's name


class State(BaseModel, extra="ignore"):
    """A browser state; what else is in its parts is left as it is."""

    cookies: list[Cookie] = []
    origins: list[Origin] = []


class SecretError(SourceError):
    """A secret is missing or of no use; the message is one sentence that never holds its value."""


def secret(name: str, home: Path, environ: Mapping[str, str] = os.environ) -> str:
    """The value of a secret, without the line break at its end; raises SecretError, which says what to do."""
    if not NAME.fullmatch(name):
        raise SecretError(f"{name!r} is no name of a secret; expected small letters, digits and hyphens.")
    variable = VARIABLE + name.upper().replace("-", "_")
    path = home / FOLDER / name
    given = environ.get(variable)
    value = (_read(path, name, variable) if given is None else given).rstrip("\r\n")
    if not value:
        raise SecretError(f"The secret “{name}” is empty; set {variable} or fill {path}.")
    return value


def storage_state(name: str, home: Path, environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The browser state in a secret, as Playwright keeps it: `cookies` and `origins`; raises SecretError."""
    text = secret(name, home, environ)
    problem = "is empty, so it signs nobody in"
    try:
        state = State.model_validate_json(text)
        if state.cookies or state.origins:
            return state.model_dump(exclude_unset=True)
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        problem = f"has something unexpected at {place}" if place else "is no JSON object"
    raise SecretError(
        f"The browser state “{name}” {problem}, expected `cookies` and `origins`; record it with storage_state of "
        "Playwright."
    )


def headers(login: Login | None, home: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The request headers that sign in, none when the login has no header; raises SecretError."""
    if login is None or login.header is None:
        return {}
    value = secret(login.header.secret, home, environ)
    if not value.isprintable() or not value.isascii():
        raise SecretError(
            f"The secret “{login.header.secret}” cannot be sent as a header: it has a line break or a letter beyond "
            "ASCII; store it as one plain line."
        )
    return {login.header.name: value}


def _read(path: Path, name: str, variable: str) -> str:
    """The text of the file at `path`; raises SecretError."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        told = f"There is no secret “{name}”; set {variable}, or write it to {path} and run chmod 600 on it."
        raise SecretError(told) from None
    except OSError as error:
        raise SecretError(f"The secret “{name}” in {path} cannot be read: {error.strerror}.") from None
    found = os.fstat(handle)
    if stat.S_ISDIR(found.st_mode):
        os.close(handle)
        raise SecretError(f"{path} is a folder, expected a file with the secret “{name}”.")
    with os.fdopen(handle, "rb") as file:
        if found.st_mode & FOREIGN:
            mode = stat.S_IMODE(found.st_mode)
            raise SecretError(f"{path} may be used by others (mode {mode:o}, expected 600); run chmod 600 {path}.")
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise SecretError(f"{path} is longer than {MOST_BYTES:,} bytes, expected the secret “{name}” alone.")
    text = data.decode(errors="replace")
    if "\N{REPLACEMENT CHARACTER}" in text:
        raise SecretError(f"{path} is not text in UTF-8; write the secret “{name}” anew.")
    return text
