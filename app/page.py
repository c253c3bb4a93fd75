"""What a page is: a typed constant PAGE and a function `render()` in one file of pages/."""

from __future__ import annotations

from dataclasses import dataclass

SECTIONS = ("Operate", "Analyse", "Self-service", "System")


@dataclass(frozen=True, slots=True)
class Page:
    """The declaration of a page; `url_path` is its file name, `role` the least role that may open it.

    `icon` is a Material symbol such as `:material/sync:`; pages of one section stand in the order of `order`.
    """

    title: str
    icon: str
    section: str
    order: int
    url_path: str
    role: str = "viewer"
