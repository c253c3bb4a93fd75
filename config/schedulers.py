"""Schedulers that are asked what they ran: where they are, who asks, and how far back.

Secrets are given as `${NAME}`, an environment variable. They are of a type that no message and no log shows.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from config.base import Identifier, Part, Zone

Status = Literal["queued", "running", "succeeded", "failed", "cancelled", "skipped"]


def _web_address(text: str) -> str:
    found = urlsplit(text)
    if found.scheme not in {"http", "https"} or not found.hostname:
        raise ValueError("found no web address, expected one such as https://airflow.example.com")
    if found.username or found.password or found.query or found.fragment:
        raise ValueError("found a user or a query in the address; credentials have fields of their own")
    return text.rstrip("/")


def _secret(found: object) -> object:
    if not isinstance(found, str | SecretStr) or not found:
        raise ValueError("found no text, expected a secret as ${NAME} of an environment variable")
    return found


WebAddress = Annotated[str, AfterValidator(_web_address)]
Secret = Annotated[SecretStr, BeforeValidator(_secret)]


Days = Annotated[float, Field(gt=0, le=90)]
AnswerSeconds = Annotated[float, Field(ge=1, le=60)]


class Scheduler(Part):
    """A source of refresh runs; `id` names it in messages.

    Where they stand, `window_days` is how far back the first look goes, `timeout_seconds` how long one answer may take.
    """

    id: Identifier


class AirflowServer(Scheduler):
    """An Airflow 2 or 3 by its REST API, with username and password, a bearer `token`, or neither where it asks none.

    `version` is asked when it is not given. A token of Airflow 3 ends after a day; name and password get a new one.
    """

    url: WebAddress
    window_days: Days = 2.0
    timeout_seconds: AnswerSeconds = 20.0
    version: Literal[2, 3] | None = None
    username: str | None = None
    password: Secret | None = None
    token: Secret | None = None

    @model_validator(mode="after")
    def _credentials_agree(self) -> AirflowServer:
        _one_way_in(self.username, self.password, self.token)
        return self


class DagsterServer(Scheduler):
    """A Dagster webserver by its GraphQL API.

    `token` is a user token of Dagster+; username and password are for a proxy before it.
    """

    url: WebAddress
    window_days: Days = 2.0
    timeout_seconds: AnswerSeconds = 20.0
    username: str | None = None
    password: Secret | None = None
    token: Secret | None = None

    @model_validator(mode="after")
    def _credentials_agree(self) -> DagsterServer:
        _one_way_in(self.username, self.password, self.token)
        return self


class PowerBiWorkspace(Scheduler):
    """A Power BI workspace (`group`), asked with a `token`, or as the service principal `client_id` of `tenant`.

    `datasets` are ids of semantic models; without them all that can be refreshed are asked.
    """

    url: WebAddress = "https://api.powerbi.com/v1.0/myorg"
    authority: WebAddress = "https://login.microsoftonline.com"
    timeout_seconds: AnswerSeconds = 20.0
    group: str = Field(pattern=r"^[A-Za-z0-9-]+$")
    datasets: list[Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")]] = []
    token: Secret | None = None
    tenant: str | None = Field(None, pattern=r"^[A-Za-z0-9.-]+$")
    client_id: str | None = None
    client_secret: Secret | None = None

    @model_validator(mode="after")
    def _credentials_agree(self) -> PowerBiWorkspace:
        principal = [self.tenant, self.client_id, self.client_secret]
        if self.token is not None and not any(principal):
            return self
        if self.token is not None or not all(principal):
            raise ValueError("expected either `token`, or `tenant`, `client_id` and `client_secret` together")
        return self


class SqlRuns(Scheduler):
    """A scheduler's own table: a SELECT that returns job, run_id, status, started_at, finished_at.

    It may return rows, bytes, landed_at, message and triggered_by too. `source` is a database URL, `duckdb:PATH`, or
    CSV or Parquet files, which the statement calls `source`. `statuses` says what its own status words mean;
    `timezone` is that of times without one.
    """

    source: str
    sql: str
    statuses: dict[str, Status] = {}
    timezone: Zone = "UTC"
    timeout_seconds: AnswerSeconds = 20.0


class FileArrivals(Scheduler):
    """Files whose arrival is a run of `job`: a path, a folder or a glob, relative to the estate's folder.

    `landed_column` is the column of a Parquet file that holds the time of its data. A file counts as complete when
    it has not changed for `settle_seconds`.
    """

    job: Identifier
    path: str
    landed_column: str | None = None
    window_days: Days = 2.0
    settle_seconds: float = Field(10.0, ge=0, le=3600)


def _one_way_in(username: str | None, password: SecretStr | None, token: SecretStr | None) -> None:
    if (username is None) != (password is None):
        raise ValueError("`username` and `password` belong together; found one of them")
    if username is not None and token is not None:
        raise ValueError("found `token` and `username`, expected one way to be let in")


Kind = TypeVar("Kind", bound=Scheduler)


def _distinct(found: list[Kind]) -> list[Kind]:
    ids = [one.id for one in found]
    for name in ids:
        if ids.count(name) > 1:
            raise ValueError(f"id {name!r} stands twice; ids are unique within their kind")
    return found


AirflowServers = Annotated[list[AirflowServer], AfterValidator(_distinct)]
DagsterServers = Annotated[list[DagsterServer], AfterValidator(_distinct)]
PowerBiWorkspaces = Annotated[list[PowerBiWorkspace], AfterValidator(_distinct)]
SqlRunTables = Annotated[list[SqlRuns], AfterValidator(_distinct)]
FileArrivalPlaces = Annotated[list[FileArrivals], AfterValidator(_distinct)]
