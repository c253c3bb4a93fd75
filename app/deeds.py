"""Acts on a page: done once, told once, the reason kept as typed when they are refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from app.alert_acts import ActError
from store.errors import SpoolFullError


@dataclass(frozen=True, slots=True)
class Deeds:
    """The acts of one page; `page` tells what they left for it apart from other pages' in the session."""

    page: str

    def attempt(self, do: Callable[[], object], done: str, clear: str) -> None:
        """Do an act and leave what the page says about it: `done`, or the problem; `clear` is the key of its reason."""
        try:
            do()
        except (ActError, SpoolFullError) as error:
            st.session_state[f"{self.page}_act_problem"] = str(error)
            return
        st.session_state[f"{self.page}_act_done"] = done
        st.session_state[clear] = ""

    def outcome(self) -> None:
        """Say what became of the last act, once."""
        problem = st.session_state.pop(f"{self.page}_act_problem", None)
        done = st.session_state.pop(f"{self.page}_act_done", None)
        if problem:
            st.error(problem, icon=":material/error:")
        if done:
            st.success(done, icon=":material/check_circle:")
