"""The one settings table: name, default, help and environment variable of everything a deployment may change."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[1]
LOOPBACK = "127.0.0.1"  # there is no login yet: everything listens here, and a proxy that asks for one may forward


class SettingsError(ValueError):
    """A setting has a value the product cannot use."""


class Settings(BaseSettings):
    """Read from `SHEWHART_<NAME>` variables; a bad value stops the start with one sentence."""

    model_config = SettingsConfigDict(env_prefix="SHEWHART_", frozen=True, extra="ignore")

    home: Path = Field(ROOT / "var", description="Folder for the store, the spool, exports, logs and the token.")
    estate: Path = Field(
        ROOT / "config",
        description="Folder that holds estate.yaml, alerts.yaml and plan.csv; all but `up` take the one last started.",
    )
    store_url: str = Field("", description="`duckdb:PATH` or `quack:HOST:PORT`; empty means the owner on store_port.")
    app_port: int = Field(8501, ge=1, le=65535, description="Port of the pages.")
    ingest_port: int = Field(8502, ge=1, le=65535, description="Port of the ping service.")
    store_port: int = Field(
        9494, ge=1, le=65535, description="Loopback port on which the owner process serves the store."
    )
    memory_limit: str = Field("2GB", description="Memory the store's owner may use.")
    raw_days: int = Field(14, ge=1, description="Days that raw metric samples are kept.")
    minute_days: int = Field(60, ge=1, description="Days that minute rollups are kept.")
    hour_days: int = Field(800, ge=1, description="Days that hour rollups are kept; day rollups are kept for ever.")
    run_days: int = Field(30, ge=1, description="Days that collector runs, process samples and batch records are kept.")
    history_days: int = Field(
        400, ge=91, description="Days that refresh runs and slots, report and freshness checks, notifications are kept."
    )
    snapshot_days: int = Field(30, ge=1, description="Days that a picture of a report is kept after it was last seen.")
    browser_workers: int = Field(2, ge=1, le=16, description="Browsers that look at reports at once.")
    ping_body_bytes: int = Field(
        100_000, ge=0, description="Bytes of a ping's body that are kept; the rest is dropped."
    )
    pings_per_minute: int = Field(120, ge=1, description="Pings accepted per key and minute; more are answered 429.")
    explore_seconds: int = Field(30, ge=1, description="Seconds after which an Explore query is cut off.")
    explore_rows: int = Field(100_000, ge=1, description="Rows that an Explore query may return.")
    explore_memory: str = Field("1GB", description="Memory that an Explore query may use.")
    export_minutes: int = Field(1, ge=1, description="Minutes between exports of changed days to Parquet.")

    @property
    def url(self) -> str:
        return self.store_url or f"quack:localhost:{self.store_port}"

    @property
    def store_path(self) -> Path:
        return self.home / "store.duckdb"

    @property
    def token_path(self) -> Path:
        return self.home / "store.token"

    @property
    def spool_path(self) -> Path:
        return self.home / "spool"

    @property
    def export_path(self) -> Path:
        return self.home / "export"

    @property
    def snapshot_path(self) -> Path:
        return self.home / "snapshots"

    @property
    def state_path(self) -> Path:
        return self.home / "state"

    @property
    def started_path(self) -> Path:
        """Names the estate's folder that was last started from this home."""
        return self.home / "estate.folder"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process; without a word about the estate, the one that was last started from this home."""
    try:
        found = Settings()
        if "estate" in found.model_fields_set or not found.started_path.exists():
            return found
        return found.model_copy(update={"estate": Path(found.started_path.read_text())})
    except ValidationError as error:
        first = error.errors()[0]
        name = f"SHEWHART_{str(first['loc'][0]).upper()}"
        raise SettingsError(f"{name} is {first['input']!r}: {first['msg']}; correct or unset it.") from error
