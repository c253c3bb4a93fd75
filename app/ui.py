"""Shared widgets: page header, as-of line, cards, badges, designed states, links between pages, time ranges."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import times, words
from app.answers import Answer

LINKS = "shewhart_links"  # where the navigation leaves the pages, so that one page can link to another
SPANS = {
    "15 min": timedelta(minutes=15),
    "1 h": timedelta(hours=1),
    "6 h": timedelta(hours=6),
    "24 h": timedelta(hours=24),
    "7 d": timedelta(days=7),
    "30 d": timedelta(days=30),
    "90 d": timedelta(days=90),
    "1 y": timedelta(days=366),
    "2 y": timedelta(days=731),
}
TECHNICAL_CAUSE = re.compile(r" \(.*\)(?=[;.])")  # what a driver said; it is in the log


def header(title: str, question: str) -> DeltaGenerator:
    """Title and the question that the page answers; returns the place for its filters at the right."""
    row = st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute", gap="small")
    with row, st.container(width=500, gap=None):
        st.title(title, anchor=False)
        st.caption(question)
    return row.container(horizontal=True, width="content", vertical_alignment="bottom", gap="small")


def as_of(*answers: Answer, live_seconds: int | None = None, notes: Sequence[str] = ()) -> None:
    """When the page's data was true, in the viewer's zone; says so plainly when the store cannot be asked now."""
    known = [found.as_of for found in answers if found.as_of]
    problem = next((found.problem for found in answers if found.problem), None)
    parts = []
    if known:
        oldest = min(known)
        moment = f"{times.clock_text(oldest)} {times.zone_name()}"
        if problem:
            parts.append(f":orange-badge[:material/cloud_off: Last good answer of {moment}, {times.ago(oldest)}]")
        else:
            parts.append(f":gray-badge[:material/schedule: As of {moment}]")
    if live_seconds and not problem:
        parts.insert(0, f":green-badge[:material/sensors: Live, every {live_seconds} s]")
    st.markdown(" ".join([*parts, *notes]))
    if problem:
        st.warning(TECHNICAL_CAUSE.sub("", problem), icon=":material/cloud_off:")


def badge(name: str | None, text: str = "") -> str:
    """A state as markdown: icon, word and colour; `text` replaces the word."""
    found = words.state(name)
    return f":{found.color}-badge[{found.icon} {text or found.word}]"


@contextmanager
def card(
    title: str, subtitle: str = "", note: str = "", height: Literal["content", "stretch"] | int = "content"
) -> Iterator[None]:
    """A bordered card with a heading; `note` is markdown at its right."""
    with st.container(border=True, height=height):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            with st.container(width="stretch", gap=None):
                st.markdown(f"**{title}**")
                if subtitle:
                    st.caption(subtitle)
            if note:
                st.markdown(note, width="content")
        yield


def empty(headline: str, advice: str, icon: str = ":material/inbox:") -> None:
    """Nothing here yet, and what would bring it."""
    with st.container(horizontal_alignment="center", gap=None):
        st.space("small")
        st.markdown(f"### :gray[{icon}]", text_alignment="center")
        st.markdown(f"**{headline}**", text_alignment="center")
        st.caption(advice, text_alignment="center")
        st.space("small")


def nothing(answer: Answer, headline: str, advice: str) -> bool:
    """Draw the designed state of an answer without rows, and say whether that was so.

    No rows because nothing was stored is empty; no rows because the store was never reached is unknown.
    """
    if not answer.is_empty:
        return False
    if answer.as_of is None:
        empty("Unknown", "The store has not answered since the app was started.", ":material/help:")
    else:
        empty(headline, advice)
    return True


def kpi(
    label: str,
    value: str,
    state: str | None,
    detail: str,
    trend: Sequence[float] | None = None,
    help_text: str | None = None,
    bars: bool = False,
) -> None:
    """A card of one key figure: value, state with a word, and how it moved lately."""
    found = words.state(state)
    icons = {"green": "✓", "red": "✕", "orange": "!", "gray": "?" if state == "unknown" else "·", "blue": "·"}
    points = [float(point) for point in trend] if trend else None
    st.metric(
        label,
        value,
        delta=f"{icons[found.color]} {detail}",
        delta_color=found.color,  # type: ignore[arg-type]
        delta_arrow="off",
        border=True,
        height="stretch",
        chart_data=points if points and len(points) > 1 else None,
        chart_type="bar" if bars else "area",
        help=help_text,
    )


def span_picker(key: str, names: Sequence[str], default: str) -> tuple[str, timedelta]:
    """The time range of a page, kept in its address."""
    chosen = st.segmented_control(
        "Time range",
        list(names),
        default=default,
        key=key,
        required=True,
        label_visibility="collapsed",
        bind="query-params",
    )
    name = chosen if chosen in SPANS else default
    return name, SPANS[name]


def link(page: str, label: str, icon: str | None = None, **query: str) -> None:
    """A link to another page of the app with its filters set."""
    target = st.session_state.get(LINKS, {}).get(page) if LINKS in st.session_state else None
    if target is None:
        st.markdown(label)
        return
    st.page_link(target, label=label, icon=icon, query_params=query, width="stretch")


def chart(spec: Mapping[str, Any], alt: str, height: int = 260, key: str | None = None) -> None:
    """An ECharts specification from app.charts, with words for those who cannot see it."""
    st.echarts_chart(dict(spec), height=height, alt=alt, key=key)


def drawer_choice(param: str, ids: Sequence[str], row: int | None) -> str | None:
    """Which row to open in a drawer: the one just clicked, or the one that the address names on arrival."""
    shown_key = f"{param}_shown"
    clicked = ids[row] if row is not None and row < len(ids) else None
    named = st.query_params.get(param)
    wanted = clicked or (named if named in ids else None)
    if wanted is None or wanted == st.session_state.get(shown_key):
        return None
    st.session_state[shown_key] = wanted
    st.query_params[param] = wanted
    return wanted


def drawer_closed(param: str) -> Callable[[], None]:
    """What to forget when a drawer is closed, so that the same row opens it again."""

    def forget() -> None:
        st.session_state.pop(f"{param}_shown", None)
        st.session_state[f"{param}_round"] = st.session_state.get(f"{param}_round", 0) + 1
        if param in st.query_params:
            del st.query_params[param]

    return forget


def table_key(param: str) -> str:
    """The key of a table whose rows open a drawer; new after each closing, which clears the selection."""
    return f"{param}_table_{st.session_state.get(f'{param}_round', 0)}"


def problem_banner(problem: str | None) -> None:
    """The estate on disk is wrong and an older one is in force."""
    if problem:
        first, *more = problem.splitlines()
        count = f" ({len(more)} more)" if more else ""
        st.warning(f"The estate cannot be used as it stands: {first}{count}", icon=":material/rule_settings:")


def failed(title: str, kind: str) -> None:
    """The error card of a page that failed."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown("### :red[:material/error:]", text_alignment="center")
        st.markdown(f"**{title} could not be shown.**", text_alignment="center")
        st.caption(
            f"It stopped with {kind}; the details are in the app's log, and the other pages go on.",
            text_alignment="center",
        )


def refused(title: str, role: str) -> None:
    """The card of a page that the viewer may not open."""
    empty(f"{title} needs the role {role}", "Ask for it under Access, or ask an administrator.", ":material/lock:")


def sidebar(name: str, roles: Sequence[str]) -> None:
    """Who is looking, below the menu."""
    with st.sidebar.container(gap=None):
        st.caption(f"Signed in as **{name}**")
        st.markdown(" ".join(f":gray-badge[{role}]" for role in roles))
