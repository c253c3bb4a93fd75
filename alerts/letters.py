"""A letter: a message that is written already, with places for pictures that are read when it is sent.

It waits in the outbox as text and the paths of its pictures, so that the queue stays small; a picture that has gone
when the letter is sent leaves a word in its place, and the letter goes all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

MOST_FILE_BYTES = 50_000_000
WIDTH = 780  # for mail programs that know no style
NO_PICTURE = "no picture kept"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a letter: the `name` of its place in the HTML, the path of its file, and what it shows."""

    name: str
    file: str
    alt: str


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject, text and HTML as they are sent; the HTML has `place(name)` where a picture goes."""

    subject: str
    text: str
    html: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture made fit for a mail: `kind` is png or jpeg, `width` and `height` are its pixels."""

    content: bytes
    kind: str
    width: int
    height: int


def readable(text: str) -> str:
    """Text as JSON and a mail can carry it: no half of a Unicode pair."""
    return text.encode(errors="replace").decode()


def place(name: str) -> str:
    """Where the picture goes; escaped text can never look like it."""
    return f"<!--picture:{escape(name)}-->"


def shown_pictures(letter: Letter) -> dict[str, Shown]:
    """The pictures of a letter by name, made fit for a mail; those that have gone or cannot be read are left out."""
    from alerts.letter_pictures import shrink  # here, because the responder writes letters and stays small

    found = {}
    for picture in letter.pictures:
        path = Path(picture.file)
        try:
            if path.stat().st_size <= MOST_FILE_BYTES:
                found[picture.name] = shrink(path.read_bytes())
        except (OSError, ValueError):
            continue
    return found


def filled(letter: Letter, shown: Mapping[str, Shown], ids: Mapping[str, str]) -> str:
    """The HTML with its pictures in place: `ids` are their Content-IDs; what is not shown is said to be missing."""
    html = letter.html
    for picture in letter.pictures:
        found = shown.get(picture.name)
        html = html.replace(place(picture.name), _image(picture, found, ids[picture.name]) if found else _missing())
    return html


def _image(picture: Picture, shown: Shown, content_id: str) -> str:
    return (
        f'<img src="cid:{escape(content_id)}" alt="{escape(picture.alt)}" width="{min(shown.width, WIDTH)}" '
        'style="max-width:100%;height:auto;border:1px solid #98A2B3;border-radius:6px">'
    )


def _missing() -> str:
    return f'<span style="opacity:.7">{NO_PICTURE}</span>'
