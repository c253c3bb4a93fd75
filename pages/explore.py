"""What does the history say to a question that no page answers?"""

from __future__ import annotations

import polars as pl
import streamlit as st

from app import charts_plotly, exploring, tables, times, ui, words
from app.exploring import EXAMPLES, Asked, ExploreError, Result
from app.page import Page

PAGE = Page(title="Explore", icon=":material/database_search:", section="Analyse", order=30, url_path="explore")
FIRST = "Batches by collector and day"
MONOSPACE = "<style>\n.st-key-q textarea { font-family: ui-monospace, monospace; font-size: 13px; }\n</style>"
LAZY_ROWS = 10_000
KEPT_QUERIES = 20


def render() -> None:
    """An editor with examples, the tables that can be read, the result as table, chart and file."""
    ui.header(PAGE.title, "What does the history say to a question that no page answers?")
    st.html(MONOSPACE)
    left, right = st.columns([5, 2])
    with left:
        _editor()
        problem = st.session_state.get("explore_problem")
        result: Result | None = st.session_state.get("explore_result")
        if problem:
            st.error(problem, icon=":material/error:")
        elif result is not None:
            _result(result)
        else:
            with st.container(border=True):
                ui.empty(
                    "Nothing asked yet", "Choose an example or write a query, then press Ctrl+Enter.", ":material/bolt:"
                )

    with right:
        _tables()
        _history()


def _editor() -> None:
    if "q" not in st.session_state and "q" not in st.query_params:
        st.session_state["q"] = EXAMPLES[FIRST]
    limit = exploring.limits()
    with ui.card("Query", f"Reads a copy; stops after {limit.seconds:g} s or {words.plural(limit.rows, 'row')}"):
        st.pills("Examples", list(EXAMPLES), key="example", on_change=_take_example, label_visibility="collapsed")
        with st.form("explore", border=False):
            st.text_area("SQL", key="q", height=170, label_visibility="collapsed", bind="query-params")
            is_asked = st.form_submit_button(
                "Run", type="primary", icon=":material/play_arrow:", shortcut="Ctrl+Enter", key="run"
            )
    if is_asked:
        _run(str(st.session_state["q"]))


def _take_example() -> None:
    chosen = st.session_state.get("example")
    if chosen in EXAMPLES:
        st.session_state["q"] = EXAMPLES[chosen]
        st.session_state["example"] = None


def _run(sql: str) -> None:
    """Run the query with a bar that fills up to its time limit."""
    state = st.session_state
    limit = exploring.limits().seconds
    bar = st.progress(0.0, "Running")

    def tick(elapsed: float) -> None:
        bar.progress(min(elapsed / limit, 1.0), f"Running for {words.duration(elapsed)}; stops at {limit:g} s")

    state["explore_problem"], state["explore_result"] = None, None
    try:
        result = exploring.run(sql, tick)
    except ExploreError as error:
        state["explore_problem"] = str(error)
    else:
        state["explore_result"] = result
        asked = Asked(sql, times.now(), result.frame.height, result.seconds)
        before = [one for one in state.get("explore_history", []) if one.sql != sql]
        state["explore_history"] = [asked, *before][:KEPT_QUERIES]
    finally:
        bar.empty()


def _result(result: Result) -> None:
    frame = exploring.shown(result.frame)
    cut = [ui.badge("warning", "Cut: there were more rows")] if result.is_cut else []
    copied = f"Copy of {times.clock_text(result.as_of)} {times.zone_name()}" if result.as_of else "Copy of unknown age"
    notes = [
        f":gray-badge[:material/schedule: {copied}]",
        f":gray-badge[{words.plural(frame.height, 'row')} in {words.duration(result.seconds)}]",
        *cut,
    ]
    with ui.card("Result", "Times are UTC, as stored"):
        st.markdown(" ".join(notes))
        if frame.is_empty():
            ui.empty("No row", "The query ran and found nothing.")
            return
        as_table, as_chart = st.tabs(["Table", "Chart"], key="explore_view")
        with as_table:
            st.dataframe(
                frame, hide_index=True, key="explore_table", lazy=frame.height > LAZY_ROWS, alt="Result of the query"
            )
            tables.export_menu(result.frame, "explore")
        with as_chart:
            _chart(frame)


def _chart(frame: pl.DataFrame) -> None:
    """A small chart builder over the columns of the result."""
    numbers = [name for name, kind in frame.schema.items() if kind.is_numeric()]
    if not numbers:
        ui.empty("No number to draw", "A chart needs at least one column of numbers.", ":material/bar_chart:")
        return
    axes = [name for name, kind in frame.schema.items() if kind.is_temporal()] or frame.columns
    parts = [name for name, kind in frame.schema.items() if kind == pl.String]
    kind, x, y, by = st.columns([2, 2, 3, 2])
    chosen = kind.selectbox("Kind", charts_plotly.KINDS, key="chart_kind")
    over = x.selectbox("Over", frame.columns, index=frame.columns.index(axes[0]), key="chart_x")
    drawn = y.multiselect("Draw", numbers, default=[name for name in numbers if name != axes[0]][:1], key="chart_y")
    split = by.selectbox(
        "One series per", [None, *parts], index=min(len(parts), 1), key="chart_by", format_func=_nothing
    )
    if drawn:
        st.plotly_chart(charts_plotly.built(frame, chosen, over, drawn, split), key="explore_chart")


def _nothing(name: str | None) -> str:
    return name or "–"


def _tables() -> None:
    frame, problem = exploring.tables()
    with ui.card("Tables", "What can be read"):
        if frame is None:
            ui.empty("No copy to read yet", problem or "", ":material/hourglass_empty:")
            return
        with st.container(height=360, border=False, gap="xsmall"):
            for (name,), rows in frame.partition_by("table_name", as_dict=True, maintain_order=True).items():
                count = rows["rows"][0]
                with st.expander(f"{name} · {words.count(count)}" if count is not None else str(name)):
                    st.markdown(
                        "  \n".join(
                            f"`{column}` :gray[{kind.lower()}]"
                            for column, kind in rows.select("column_name", "data_type").iter_rows()
                        )
                    )


def _history() -> None:
    asked: list[Asked] = st.session_state.get("explore_history", [])
    if not asked:
        return
    with ui.card("Asked before", "In this session"):
        for number, one in enumerate(asked):
            first = " ".join(one.sql.split())
            label = first if len(first) <= 60 else f"{first[:59]}…"
            st.button(label, key=f"again_{number}", on_click=_again, args=(one.sql,), type="tertiary", help=one.sql)
            st.caption(f"{words.plural(one.rows, 'row')} in {words.duration(one.seconds)}, {times.ago(one.asked_at)}")


def _again(sql: str) -> None:
    st.session_state["q"] = sql
