"""Acts on a page: done once, told once, the reason kept as typed when they are refused."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.quality.acts import ROLE, ActError, SpoolFullError, may_act

PROBLEM, DONE = "point_act_problem", "point_act_done"


def attempt(do: Callable[[], object], done: str, clear: str) -> None:
    """Do an act and leave what the page says about it: `done`, or the problem; `clear` is the key of its reason."""
    try:
        do()
    except (ActError, SpoolFullError) as error:
        st.session_state[PROBLEM] = str(error)
        return
    st.session_state[DONE] = done
    st.session_state[clear] = ""


def outcome() -> None:
    """Say what became of the last act, once."""
    problem, done = st.session_state.pop(PROBLEM, None), st.session_state.pop(DONE, None)
    if problem:
        st.error(problem, icon=":material/error:")
    if done:
        st.success(done, icon=":material/check_circle:")


def reason(key: str, label: str = "Reason") -> None:
    """The field that every act needs."""
    st.text_input(label, key=key, placeholder="Why? It is kept with your name", max_chars=500)


def typed(key: str) -> str:
    """What stands in a field."""
    return str(st.session_state.get(key) or "")


def may_decide(what: str) -> bool:
    """Whether the viewer may act; says what is needed where not."""
    if may_act():
        return True
    st.caption(f":material/lock: {what} needs the role {ROLE}; ask for it under Access.")
    return False
