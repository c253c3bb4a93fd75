"""Small pictures for the wall, made once per file: a page of the wall must not carry whole screenshots."""

from __future__ import annotations

import io

import streamlit as st
from PIL import Image

from app import data, report_pictures

WIDTH, HEIGHT = 232, 148
QUALITY = 72
KEPT = 5000


def thumbnail(file: str | None) -> bytes | None:
    """A picture as a small JPEG of its upper part; None when there is none."""
    path = report_pictures.path_of(file) if file else None
    return _made(str(path), path.stat().st_mtime_ns) if path else None


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _made(path: str, changed: int) -> bytes | None:  # noqa: ARG001  # part of the cache's key
    try:
        with Image.open(path) as image:
            picture = image.convert("RGB")
    except OSError:
        return None
    height = min(picture.height, round(picture.width * HEIGHT / WIDTH))
    small = picture.crop((0, 0, picture.width, height)).resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return buffer.getvalue()


def show(file: str | None, title: str) -> None:
    """Draw the thumbnail of a report, or a quiet place where it would stand."""
    small = thumbnail(file)
    with st.container(width=116):
        if small is None:
            with st.container(border=True, height=76, horizontal_alignment="center", vertical_alignment="center"):
                st.markdown(":gray[:material/hide_image:]", text_alignment="center")
        else:
            st.image(small, width="stretch", alt=f"{title} as last seen")


def files_of(report_ids: list[str]) -> dict[tuple[str, str], str]:
    """The file of the newest picture by report and persona."""
    answer = data.answer("report_pictures", reports=report_ids)
    rows = answer.frame.select("report_id", "persona", "file").iter_rows()
    return {(report, persona): file for report, persona, file in rows}
