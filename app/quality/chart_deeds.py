"""Acts on a page: done once, told once, the reason kept as typed when they are refused."""

from __future__ import annotations

import streamlit as st

from app.deeds import Deeds
from app.quality.acts import ROLE, may_act

DEEDS = Deeds("point")
attempt, outcome = DEEDS.attempt, DEEDS.outcome


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
