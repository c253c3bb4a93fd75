"""Reports of the estate: what a page must show, which numbers it promises, and how patient its verdict is."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, HttpUrl, model_validator

from config.base import Identifier, Part, Seconds, Span, Zone
from config.measures import Hop, Measure
from config.patience import Confirm, Maintenance, Slo

Secret = str  # the name of a secret: an environment variable or a file below the home, never the secret itself
SLOW_SECONDS = {"http": 2.0, "browser": 10.0}
TIMEOUT_SECONDS = {"http": 10.0, "browser": 45.0}
BACKEND = "backend"  # the hop that a page is compared with, where its number names a source of its own


class Element(Part):
    """Where something stands on a page: exactly one of `css`, `text`, `label` (accessible name) or `role` with `name`.

    For a number, `text` is the words beside it: the number is looked for in the smallest part of the page around them.
    """

    css: str | None = None
    text: str | None = None
    label: str | None = None
    role: str | None = None
    name: str | None = None

    @model_validator(mode="after")
    def _is_one_kind(self) -> Element:
        given = [kind for kind in ("css", "text", "label", "role") if getattr(self, kind)]
        if len(given) != 1:
            raise ValueError(f"found {' and '.join(given) or 'none'} of css, text, label, role; expected exactly one")
        if self.name is not None and self.role is None:
            raise ValueError("`name` belongs to `role`, as in `{role: heading, name: Sales}`")
        return self

    def __str__(self) -> str:
        """How a message names it."""
        if self.role:
            return f"{self.role} “{self.name}”" if self.name else self.role
        return f"`{self.css}`" if self.css else f"“{self.text or self.label}”"


class Expected(Element):
    """Something that must be visible, `at_least` so many times."""

    at_least: int = Field(1, ge=1)


class Tolerance(Part):
    """How far page and backend may lie apart: the largest of the three counts.

    `rounding` allows what the page's own display rounds away: 410k may stand for 409,849.
    """

    absolute: float = Field(0.0, ge=0)
    relative: float = Field(0.0, ge=0, le=1)
    rounding: bool = True


class Number(Part):
    """A promise about one number of the page: it equals what `sql` on `source` says, within the tolerance.

    `unit` is a currency (EUR), `%` (12.3 % is 12.3), `ratio` (12.3 % is 0.123), or any word; `decimal` is the page's
    decimal mark. `hops` lead from the source to the page; without `source` the last of them is the backend.
    """

    id: Identifier
    title: str = ""
    at: Element
    unit: str = ""
    decimal: Literal["auto", ".", ","] = "auto"
    source: str | None = None
    sql: str | None = None
    hops: list[Hop] = []
    filters: dict[Identifier, str] = {}
    tolerance: Tolerance = Tolerance()

    @model_validator(mode="after")
    def _has_backend(self) -> Number:
        if (self.source is None) != (self.sql is None):
            raise ValueError("`source` and `sql` belong together")
        if not self.way:
            raise ValueError("a number has `source` with `sql`, or `hops`")
        ids = [hop.id for hop in self.way]
        if len(ids) != len(set(ids)):
            raise ValueError("two hops have the same id")
        return self

    @property
    def way(self) -> list[Hop]:
        """All hops, source first; the last is the backend."""
        if self.source is None or self.sql is None:
            return self.hops
        return [*self.hops, Hop(id=BACKEND, title="Backend", source=self.source, sql=self.sql)]

    @property
    def backend(self) -> Measure:
        """What the page is compared with."""
        return self.way[-1]


class AsOf(Part):
    """Where the page says how old its data is; `format` as in strptime, in `timezone`; None for ISO 8601."""

    at: Element
    format: str | None = None
    timezone: Zone = "UTC"


class Header(Part):
    """A request header whose value is a secret."""

    name: str = Field(pattern=r"^[A-Za-z0-9-]+$")
    secret: Secret


class Login(Part):
    """How the browser signs in: a stored browser state, or a header; both by the name of a secret."""

    state: Secret | None = None
    header: Header | None = None


class Persona(Part):
    """An audience that sees the report its own way: `query` goes into the address, `filters` into the statements.

    It is looked at in every `nth` round, so that many audiences do not cost as many looks.
    """

    id: Identifier
    title: str = ""
    query: dict[str, str] = {}
    filters: dict[Identifier, str] = {}
    login: Login | None = None
    nth: int = Field(1, ge=1)


class Report(Part):
    """A page that people open; `check: http` only asks for it, `browser` renders it and proves what it shows.

    `ready` is what stands on the page once it can be used; `expect` what must be visible, `errors` (CSS) what must not.
    Every chart must show something, except those within `may_be_empty` (CSS); `charts` is how many there are at least.
    `masks` (CSS) hide what changes by itself, such as a clock. A number that differs for less than `skew_seconds` is
    in flight. Limits of one look: `timeout_seconds`, `memory_mb`, `download_mb`.
    """

    id: Identifier
    title: str
    url: HttpUrl
    subsystem: Identifier
    owner: str = ""
    audience: str = ""
    datasets: list[Identifier] = []
    entitlements: list[str] = ["viewer"]
    check: Literal["browser", "http"] = "browser"
    every_seconds: Seconds = 300.0
    must_contain: str | None = None
    timeout_seconds: float = Field(45.0, gt=0, le=120)
    slow_seconds: float = Field(10.0, gt=0)
    ready: Element | None = None
    expect: list[Expected] = []
    errors: list[str] = []
    charts: int = Field(0, ge=0)
    may_be_empty: list[str] = []
    as_of: AsOf | None = None
    skew_seconds: Span = 900.0
    numbers: list[Number] = []
    personas: list[Persona] = []
    login: Login | None = None
    masks: list[str] = []
    confirm: Confirm = Confirm()
    slo: Slo = Slo()
    maintenance: list[Maintenance] = []
    width: int = Field(1280, ge=320, le=3840)
    height: int = Field(900, ge=320, le=4320)
    memory_mb: int = Field(1500, ge=100)
    download_mb: int = Field(100, ge=1)

    @model_validator(mode="before")
    @classmethod
    def _defaults_by_kind(cls, given: object) -> object:
        """An answer is expected sooner than a rendered page."""
        if not isinstance(given, dict):
            return given
        kind = given.get("check", "browser")
        defaults = {
            "slow_seconds": SLOW_SECONDS.get(str(kind), 10.0),
            "timeout_seconds": TIMEOUT_SECONDS.get(str(kind), 45.0),
        }
        return {**defaults, **given}

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Report:
        for kind, parts in (("number", self.numbers), ("persona", self.personas)):
            ids = [part.id for part in parts]
            if len(ids) != len(set(ids)):
                raise ValueError(f"two {kind}s have the same id")
        if self.check == "http" and (self.numbers or self.expect or self.personas):
            raise ValueError("numbers, expected elements and personas need `check: browser`")
        return self
