"""Two DAGs that run once each as soon as they are seen: one succeeds, one task of the other fails."""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import dag, task


@dag(schedule="@once", start_date=datetime(2026, 1, 1), catchup=False)
def shewhart_good() -> None:
    @task
    def load() -> int:
        return 1

    load()


@dag(schedule="@once", start_date=datetime(2026, 1, 1), catchup=False)
def shewhart_bad() -> None:
    @task
    def load() -> None:
        raise RuntimeError("no such table")

    @task
    def publish() -> None:
        """Never tried."""

    load() >> publish()


shewhart_good()
shewhart_bad()
