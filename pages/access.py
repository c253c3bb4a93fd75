"""How do I get access to a report, and where does my request stand?"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import streamlit as st

from app import data, filing, people, tables, times, ui, words
from app.filing import Draft, RequestError, SpoolFullError
from app.page import Page

PAGE = Page(title="Access", icon=":material/key:", section="Self-service", order=10, url_path="access")
USUAL_DAYS = 90
DRAFT = ("report_wanted", "entitlement", "justification", "until")


def render() -> None:
    """A form that files a request, and the viewer's own requests with what became of them."""
    ui.header(PAGE.title, "How do I get access to a report, and where does my request stand?")
    requests, answer = filing.requests_of(people.current_user().id)
    ui.as_of(answer, notes=_notes(requests))
    left, right = st.columns([2, 3])
    with left:
        _form()
    with right, ui.card("My requests", "Newest first"):
        if requests.is_empty():
            if answer.as_of is None:
                ui.nothing(answer, "", "")
            else:
                ui.empty("No request yet", "What you file appears here at once, with who decided and why.")
            return
        for row in requests.iter_rows(named=True):
            _request(row)
        tables.export_menu(requests, "my_requests")


def _notes(requests: pl.DataFrame) -> list[str]:
    pending = requests.filter(pl.col("state") == "pending").height
    return [ui.badge("pending", f"{pending} pending")] if pending else []


def _form() -> None:
    offers = filing.offers()
    titles = data.titles("reports")
    with ui.card("Ask for access", "An approver sees exactly what you write here"):
        if not offers:
            ui.empty("Nothing can be asked for", "The estate names no report yet.")
            return
        report = st.selectbox(
            "Report", list(offers), format_func=lambda one: titles.get(one, one), key=DRAFT[0], bind="query-params"
        )
        st.selectbox("Entitlement", offers.get(report, []), key=DRAFT[1], bind="query-params")
        st.text_area(
            "Justification",
            key=DRAFT[2],
            placeholder="What do you need it for?",
            help="At least a short sentence; it is kept with the decision.",
            max_chars=2000,
            bind="query-params",
        )
        today = times.local(times.now()).date()
        st.date_input(
            "Until",
            today + timedelta(days=USUAL_DAYS),
            min_value=today + timedelta(days=1),
            max_value=today + timedelta(days=366),
            key=DRAFT[3],
            bind="query-params",
        )
        st.button("File request", type="primary", icon=":material/send:", on_click=_submit, key="file_request")
        _outcome()


def _submit() -> None:
    """File the draft; it stays in the form when it cannot be filed."""
    state = st.session_state
    ends_on = state.get("until")
    draft = Draft(
        str(state.get("report_wanted") or ""),
        str(state.get("entitlement") or ""),
        str(state.get("justification") or ""),
        ends_on if isinstance(ends_on, date) else None,
    )
    try:
        filing.submit_request(draft, people.current_user().id)
    except (RequestError, SpoolFullError) as error:
        state["access_problem"] = str(error)
        return
    state["justification"] = ""
    title = data.titles("reports").get(draft.asset_id, draft.asset_id)
    state["access_filed"] = f"Filed: {draft.entitlement} of {title}. An approver decides next."


def _outcome() -> None:
    problem = st.session_state.pop("access_problem", None)
    filed = st.session_state.pop("access_filed", None)
    if problem:
        st.error("  \n".join(problem.splitlines()), icon=":material/error:")
    if filed:
        st.success(filed, icon=":material/check_circle:")


def _request(row: dict[str, object]) -> None:
    title = data.titles("reports").get(str(row["asset_id"]), str(row["asset_id"]))
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"{ui.badge(str(row['state']))} **{title}** · {row['entitlement']}", width="stretch")
            if row["state"] == "pending":
                request = str(row["request_id"])
                st.button("Cancel", key=f"cancel_{request}", on_click=_cancel, args=(request,), icon=":material/undo:")
        st.text(str(row["justification"]))  # what a person wrote is never taken for markup
        st.caption(_story(row))


def _story(row: dict[str, object]) -> str:
    parts = [f"Filed {times.ago(row['filed_at'])}"]  # type: ignore[arg-type]
    if row["state"] not in ("pending",):
        word = words.state(str(row["state"])).word.lower()
        parts.append(f"{word} {times.ago(row['changed_at'])} by {row['actor_id']}")  # type: ignore[arg-type]
        if row["reason"]:
            parts.append(str(row["reason"]))
    if row["ends_on"]:
        parts.append(f"until {row['ends_on']}")
    return " · ".join(parts)


def _cancel(request_id: str) -> None:
    try:
        filing.cancel_request(request_id, people.current_user().id)
    except (RequestError, SpoolFullError) as error:
        st.session_state["access_problem"] = str(error)
        return
    st.session_state["access_filed"] = "Cancelled. File it again whenever you need it."
