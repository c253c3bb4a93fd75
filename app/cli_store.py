"""Verbs that set up the store and look after it."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from alerts.base import check_names as check_rule_names
from alerts.verification.mails import check_owners
from analysis.spc.rules import rules_named
from app.cli_output import JSON_OPTION, say, table
from collectors.base import check_names
from config import load
from config.estate import Estate
from store import backup as backups
from store import clock
from store import migrate as migrations
from store.connection import Store, open_store
from store.errors import StoreAwayError
from store.export import export as export_store
from store.settings import ROOT, settings


def opened() -> Store:
    """The store: the owner process, or the file itself while no owner runs."""
    conf = settings()
    store = open_store(conf.url, conf.token_path)
    try:
        store.fetch("select 1")
    except StoreAwayError:
        if conf.store_url or not conf.store_path.exists():
            raise
        return open_store(f"duckdb:{conf.store_path}", conf.token_path)
    return store


def checked(folder: Path) -> Estate:
    """The estate in `folder`, when it and its alerts.yaml name nothing that does not exist; raises EstateError."""
    found = load.read(folder)
    check_names(found)
    alerting = load.read_alerting(folder)
    check_rule_names(alerting)
    check_owners(alerting, found)
    check_chart_rules(found)
    return found


def check_chart_rules(estate: Estate) -> None:
    """Raise EstateError for a metric or profile that is watched by a rule nobody knows."""
    for kind, parts in (("metric", estate.metrics), ("profile", estate.profiles)):
        for part in parts:
            try:
                rules_named(part.watch.rules)
            except ValueError as error:
                raise load.EstateError(f"{kind} {part.id}, watch.rules: {error}") from error


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("estate"))
@JSON_OPTION
def init(folder: Path, as_json: bool) -> None:
    """Make an estate of your own to edit. Example: python -m app init estate"""
    if (folder / load.FILE).exists():
        raise load.EstateError(f"{folder / load.FILE} exists already; edit it, or choose another folder.")
    shutil.copytree(ROOT / "config", folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"), dirs_exist_ok=True)
    text = f"Made {folder}/{load.FILE}. Edit it, then run: python -m app up --estate {folder}"
    say(as_json, {"folder": str(folder)}, text)


@click.command("check-config")
@click.option("--estate", type=click.Path(path_type=Path), help="Folder of estate.yaml; default: the one in force.")
@JSON_OPTION
def check_config(estate: Path | None, as_json: bool) -> None:
    """Check the estate without starting anything. Example: python -m app check-config --estate estate"""
    folder = estate or settings().estate
    try:
        found = checked(folder)
    except load.EstateError as error:
        say(as_json, {"ok": False, "problems": str(error).splitlines()}, "")
        raise
    counts = {name: len(getattr(found, name)) for name in ("jobs", "reports", "metrics", "profiles")}
    text = f"{folder / load.FILE} is fine: {', '.join(f'{count} {name}' for name, count in counts.items())}."
    say(as_json, {"ok": True, "problems": [], **counts}, text)


@click.command()
@click.option("--list", "only_list", is_flag=True, help="Show the migrations, apply nothing.")
@JSON_OPTION
def migrate(only_list: bool, as_json: bool) -> None:
    """Apply pending migrations to a stopped store, or list them. Example: python -m app migrate --list"""
    conf = settings()
    conf.home.mkdir(parents=True, exist_ok=True)
    is_served = only_list and conf.store_path.exists()
    store = opened() if is_served else open_store(f"duckdb:{conf.store_path}", conf.token_path)
    applied = [] if only_list else migrations.migrate(store)
    found: list[tuple[object, ...]] = [(one.name, one.applied_at, one.sha256[:12]) for one in migrations.listing(store)]
    listed = [dict(zip(("name", "applied_at", "sha256"), one, strict=True)) for one in found]
    text = table(found, ("migration", "applied at (UTC)", "sha256"))
    say(as_json, {"applied": applied, "migrations": listed}, text)


@click.command()
@JSON_OPTION
def backup(as_json: bool) -> None:
    """Copy and verify the store while it serves. Example: python -m app backup"""
    path = backups.backup(opened(), clock.now(), settings())
    rows = backups.verify(path)
    say(as_json, {"path": str(path), "rows": rows}, f"{path} holds {sum(rows.values()):,} facts in {len(rows)} tables.")


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@JSON_OPTION
def restore(path: Path, as_json: bool) -> None:
    """Put a backup in place of the stopped store. Example: python -m app restore var/backup/store-TIME.duckdb"""
    rows = backups.restore(path, settings(), clock.now())
    say(as_json, {"rows": rows}, f"Restored {sum(rows.values()):,} facts; the replaced file is kept beside the store.")


@click.command()
@JSON_OPTION
def export(as_json: bool) -> None:
    """Write changed days to the analysts' Parquet copy. Example: python -m app export"""
    conf = settings()
    files = export_store(opened(), clock.now(), conf)
    say(as_json, {"files": files, "folder": str(conf.export_path)}, f"{files} files written to {conf.export_path}.")
