"""Who is looking: the person that logged in or, where no login is configured, the account on this machine."""

from __future__ import annotations

import getpass
from dataclasses import dataclass

import streamlit as st

from app import data
from app.page import Page
from config.estate import ROLES

LOCAL_ROLE = "operator"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person in front of the screen."""

    id: str
    name: str
    roles: tuple[str, ...]

    def may_open(self, page: Page) -> bool:
        """Whether the highest role reaches the one that the page needs."""
        return max(map(ROLES.index, self.roles), default=-1) >= ROLES.index(page.role)


def current_user() -> Viewer:
    """The viewer: roles come from the estate's people; a local account that is not among them operates."""
    claimed = st.user.get("email") if st.user.get("is_logged_in") is True else None
    user_id = claimed if isinstance(claimed, str) else getpass.getuser()
    known = next((person for person in data.estate().estate.people if person.id == user_id), None)
    if known is not None:
        return Viewer(known.id, known.name, tuple(known.roles))
    return Viewer(user_id, user_id, ("viewer",) if claimed else (LOCAL_ROLE,))
