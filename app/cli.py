"""The command line. Exit status: 0 fine, 1 the thing checked is bad, 2 the input is unusable, in one sentence."""

from __future__ import annotations

import sys

import click

from actions.processes import ProcessError
from app.cli_alerts import alerts
from app.cli_backtest import backtest
from app.cli_chart import chart
from app.cli_files import costs, sql
from app.cli_monitor import monitor
from app.cli_points import points
from app.cli_processes import collect, down, respond, status, up
from app.cli_refreshes import refreshes
from app.cli_reports import reports
from app.cli_schedule import schedule
from app.cli_signals import signals
from app.cli_store import backup, check_config, export, init, migrate, restore
from app.supervisor import StartError
from collectors.base import SourceError
from config.load import EstateError
from store.errors import StoreError
from store.settings import SettingsError

UNUSABLE = (StoreError, EstateError, SettingsError, StartError, ProcessError, SourceError, OSError, ValueError)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def cli() -> None:
    """Shewhart: a control room for a data platform. Example: python -m app up"""


PROCESS_VERBS = (up, down, status, collect, respond)
STORE_VERBS = (init, check_config, migrate, backup, restore, export)
FILE_VERBS = (sql, chart, monitor, costs, refreshes, schedule, alerts, reports)
POINT_VERBS = (backtest, points, signals)
for verb in (*PROCESS_VERBS, *STORE_VERBS, *FILE_VERBS, *POINT_VERBS):
    cli.add_command(verb)


def main() -> None:
    """Run a verb; what is unusable becomes one sentence on standard error and exit status 2."""
    try:
        cli()
    except UNUSABLE as error:
        click.echo(f"shewhart: {error}", err=True)
        sys.exit(2)
