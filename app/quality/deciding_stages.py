"""What may be decided about the stages and signals of a data point, and how it is judged; as app.quality.deciding."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import orjson
import polars as pl
from pydantic import ValidationError

from analysis.spc.rules import rules_named
from app.quality.deciding import Case, RefusedError, metric_of, new_id, reason_of, when
from config.quality import Metric, Watch
from store.rows import Answer, ProposalState, SignalAnswer, StageEvent, WatchEvent

EVER = datetime(1970, 1, 1)


def stage_started(case: Case, metric_id: str, starts_at: datetime | None, reason: str) -> StageEvent:
    """A new stage from a time on, with points before it and since."""
    said = reason_of(reason)
    metric = metric_of(case.estate, metric_id)
    if starts_at is None:
        raise RefusedError("The time is missing; choose the first point of the new stage.")
    extent = case.look("points_extent", metric_id=metric_id, from_at=starts_at, to_at=starts_at).row(0, named=True)
    if extent["first_at"] is None:
        raise RefusedError(f"{metric.title} has no value yet, so no stage can begin.")
    if not extent["first_at"] < starts_at <= extent["last_at"]:
        span = f"after {when(extent['first_at'])} and not after {when(extent['last_at'])}"
        raise RefusedError(f"A stage of {metric.title} cannot begin at {when(starts_at)}; choose a time {span}.")
    same = (pl.col("starts_at") == starts_at) & (pl.col("state") == ProposalState.ACCEPTED)
    if case.look("points_stages", of=metric_id).filter(same).height:
        raise RefusedError(f"A stage of {metric.title} begins at {when(starts_at)} already.")
    return StageEvent(new_id(), metric_id, starts_at, case.at, ProposalState.ACCEPTED, said, case.actor)


def stage_decided(case: Case, stage_id: str, accept: bool, reason: str) -> StageEvent:
    """A proposed stage accepted or rejected."""
    state = ProposalState.ACCEPTED if accept else ProposalState.REJECTED
    return _next_stage(case, stage_id, ProposalState.PROPOSED, state, reason)


def stage_withdrawn(case: Case, stage_id: str, reason: str) -> StageEvent:
    """An accepted stage taken back, so that the limits before it count on."""
    return _next_stage(case, stage_id, ProposalState.ACCEPTED, ProposalState.WITHDRAWN, reason)


def _next_stage(case: Case, stage_id: str, before: ProposalState, after: ProposalState, reason: str) -> StageEvent:
    said = reason_of(reason)
    found = case.look("points_stages", of=stage_id).filter(pl.col("stage_id") == stage_id).to_dicts()
    if not found:
        raise RefusedError(f"There is no stage “{stage_id}”; one that was just made is known in some seconds.")
    row = found[0]
    if row["state"] != before:
        by = f" by {row['actor']}" if row["actor"] else ""
        raise RefusedError(f"This stage is {row['state']}{by}, so it cannot be {after} now; reload to see what holds.")
    kept = {name: row[name] for name in ("stage_id", "metric_id", "starts_at", "evidence")}
    return StageEvent(**kept, occurred_at=case.at, state=after, reason=said, actor=case.actor)


def signal_answered(case: Case, signal_id: str, answer: str, reason: str) -> SignalAnswer:
    """What a person says of a signal; another answer takes the place of an earlier one."""
    said = reason_of(reason)
    if answer not in list(Answer):
        raise RefusedError(f"The answer is “{answer}”; expected {', '.join(list(Answer)[:-1])} or {list(Answer)[-1]}.")
    found = case.look("points_signals", of=signal_id, since=EVER).filter(pl.col("signal_id") == signal_id).to_dicts()
    if not found:
        raise RefusedError(f"There is no signal “{signal_id}”; reload, or list them again.")
    row = found[0]
    given = case.look("points_answers", metric_id=row["metric_id"]).filter(pl.col("signal_id") == signal_id).to_dicts()
    if given and given[0]["answer"] == answer:
        raise RefusedError(f"It was answered “{answer}” already, by {given[0]['actor']}.")
    return SignalAnswer(signal_id, row["metric_id"], row["rule"], case.at, Answer(answer), case.actor, said)


def watch_saved(
    case: Case, metric_id: str, watch: Watch, reason: str, backtest: str | Mapping[str, object] = ""
) -> WatchEvent:
    """Another way to judge a data point than the estate's; families of rules are kept as the rules in them."""
    said = reason_of(reason)
    metric = metric_of(case.estate, metric_id)
    chosen = _checked(case, watch)
    if chosen == watch_in_force(metric, case.look("points_watches")):
        raise RefusedError(f"{metric.title} is judged in this way already; change something before you save.")
    kept = backtest if isinstance(backtest, str) else orjson.dumps(backtest, option=orjson.OPT_SERIALIZE_NUMPY).decode()
    return WatchEvent(metric_id, case.at, chosen.model_dump_json(), case.actor, said, kept)


def watch_reset(case: Case, metric_id: str, reason: str) -> WatchEvent:
    """The estate's way counts again."""
    said = reason_of(reason)
    known = case.look("points_watches").filter((pl.col("metric_id") == metric_id) & ~pl.col("is_withdrawn")).to_dicts()
    if not known:
        raise RefusedError("It is judged as the estate says already, so there is nothing to reset.")
    return WatchEvent(metric_id, case.at, known[0]["watch"], case.actor, said, is_withdrawn=True)


def _checked(case: Case, watch: Watch) -> Watch:
    try:
        rules = list(rules_named(watch.rules))
    except ValueError as error:
        raise RefusedError(str(error)) from error
    calendars = [one.id for one in case.estate.calendars]
    if watch.calendar and watch.calendar not in calendars:
        raise RefusedError(
            f"The estate has no calendar “{watch.calendar}”; known are {', '.join(calendars) or 'none'}."
        )
    try:
        return Watch.model_validate(watch.model_dump() | {"rules": rules})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the setting"
        raise RefusedError(f"{field}: {first['msg'].removeprefix('Value error, ')}.") from error


def watch_in_force(metric: Metric, watches: pl.DataFrame) -> Watch:
    """How a data point is judged: as saved in `watches` (query points_watches), else as the estate says.

    A saved setting that cannot be read any more counts as none.
    """
    saved = watches.filter((pl.col("metric_id") == metric.id) & ~pl.col("is_withdrawn"))["watch"]
    if saved.is_empty():
        return metric.watch
    try:
        return Watch.model_validate_json(saved[0])
    except ValidationError:
        return metric.watch
