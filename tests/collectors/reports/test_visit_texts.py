"""The texts of numbers: the element's own, or what stands beside the words that name it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from collectors.reports.browser import Room
from collectors.reports.elements import text_of
from collectors.reports.pool import Pool
from config.reports import Element, Persona
from tests.collectors.reports.sites import look, on_slot, site
from tests.collectors.reports.visits import report, visited

CARD = "<div class=card><div class=label>{}</div><div style='font-size:32px'>{}</div><div>+5.2 % since 2025</div></div>"
ROWS = "<table><tr><th>Partners</th><td>409,849</td></tr><tr><th>Revenue</th><td>1.2M</td></tr></table>"
COLUMNS = "<table><tr><th>Partners</th><th>Revenue</th></tr><tr><td>409,849</td><td>1.2M</td></tr></table>"
SVG = "<svg width=300 height=80><text y=20>Partners</text><text y=50 font-size=24>409,849</text></svg>"
CASES: list[tuple[str, dict[str, str], str | None]] = [
    ("<b id=n>1,234</b>", {"css": "#n"}, "1,234"),
    ("<b id=n style='display:none'>1,234</b>", {"css": "#n"}, None),
    ("<b id=n>—</b>", {"css": "#n"}, "—"),
    ("<p>other</p>", {"css": "#n"}, None),
    ("<input id=n value='1,234'>", {"css": "#n"}, "1,234"),
    ("<p id=n role=img aria-label='1,234 partners' style='height:99px'></p>", {"css": "#n"}, "1,234 partners"),
    ("<svg width=200 height=50><text id=n y=20>1,234</text></svg>", {"css": "#n"}, "1,234"),
    ("<b class=n hidden>1</b><b class=n>2</b>", {"css": ".n"}, "2"),
    (CARD.format("Partners", "409,849"), {"text": "Partners"}, "409,849"),
    (CARD.format("Top 10 partners", "409,849"), {"text": "Top 10 partners"}, "409,849"),
    (CARD.format("Revenue 2026", "1.2M €"), {"text": "Revenue 2026"}, "1.2M €"),
    (CARD.format("Revenue 2026", "1.2M €"), {"text": "Revenue"}, "1.2M €"),
    (CARD.format("A", "1") + CARD.format("B", "2") + CARD.format("C", "3"), {"text": "B"}, "2"),
    ("<p>Revenue: 1,234 €</p>", {"text": "Revenue"}, "1,234 €"),
    ("<p>Revenue: <b>1,234 €</b> (+5 %)</p>", {"text": "Revenue"}, "1,234 €"),
    ("<p><b>409,849</b> partners</p>", {"text": "partners"}, "409,849"),
    ("<dl><dt>Partners</dt><dd>409,849</dd><dt>Revenue</dt><dd>1.2M</dd></dl>", {"text": "Revenue"}, "1.2M"),
    (ROWS, {"text": "Revenue"}, "1.2M"),
    (COLUMNS, {"text": "Revenue"}, "1.2M"),
    ("<div style='display:flex'><span>€</span><span>1.2</span><span>M</span></div><p>x</p>", {"css": "div"}, "€ 1.2 M"),
    ("<div><h3>Revenue</h3><p><span>€</span><span>1.2</span><span>M</span></p></div>", {"text": "Revenue"}, "€1.2M"),
    ("<nav>Revenue</nav><p>since 1999</p>" + CARD.format("Revenue", "1.2M"), {"text": "Revenue"}, "1.2M"),
    (SVG, {"text": "Partners"}, "409,849"),
    ("<label>Partners <input value='409,849'></label>", {"label": "Partners"}, "409,849"),
    ("<div role=figure aria-label=Partners>409,849</div>", {"role": "figure", "name": "Partners"}, "409,849"),
    ("<h2>Partners 409,849</h2>", {"role": "heading", "name": "Partners"}, "409,849"),
    ("<p>Revenue 2026</p>", {"text": "Revenue"}, None),
    ("<div id=h></div><script>h.attachShadow({mode:'open'}).innerHTML='<b class=n>7</b>'</script>", {"css": ".n"}, "7"),
    ("<iframe srcdoc='<b id=n>7</b>' width=300 height=200></iframe>", {"css": "#n"}, "7"),
]


@pytest.fixture(scope="module")
def read(pool: Pool) -> dict[str, str | None]:
    """Texts by key, each from a page of its own, all in one look."""
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        f"n{index}": (body, at) for index, (body, at, _) in enumerate(CASES)
    }
    pages = {f"/{key}": f"<!doctype html><body>{body}</body>" for key, (body, _) in asked.items()}
    with site({**pages, "/": "<h1>Start</h1>"}) as made:

        def act(room: Room) -> dict[str, str | None]:
            found = {}
            for key, (_, at) in asked.items():
                room.page.goto(f"{made.url}/{key}")
                found[key] = text_of(room.page, Element.model_validate(at))
            return found

        return look(pool, f"{made.url}/", act)


@pytest.mark.browser
@pytest.mark.parametrize("index", range(len(CASES)), ids=lambda index: f"{CASES[index][1]} {CASES[index][0][:60]}")
def test_the_text_of_a_number(index: int, read: dict[str, str | None]) -> None:
    assert read[f"n{index}"] == CASES[index][2]


@pytest.mark.browser
def test_a_visit_brings_the_texts_the_age_and_the_time_it_was_of_use(pool: Pool) -> None:
    body = "<h1>Sales</h1>" + CARD.format("Partners", "409,849") + "<p>As of 2026-11-25 08:00</p>"
    numbers = [
        {"id": "partners", "at": {"text": "Partners"}, "source": "duckdb:x", "sql": "select 1 as value"},
        {"id": "gone", "at": {"css": "#gone"}, "source": "duckdb:x", "sql": "select 1 as value"},
    ]
    with site({"/": body}) as made:
        looked_at = report(f"{made.url}/", numbers=numbers, as_of={"at": {"text": "As of"}, "format": "%Y-%m-%d %H:%M"})
        seen = on_slot(pool, lambda slot: visited(slot, looked_at))
    assert seen.fault is None
    assert dict(seen.texts) == {"partners": "409,849", "gone": None}
    assert seen.as_of_text == "2026-11-25 08:00"
    assert seen.useful_seconds is not None
    assert 0 < seen.useful_seconds < seen.findings[-1].seconds


@pytest.mark.browser
def test_a_persona_has_its_own_address(pool: Pool) -> None:
    told = "<p id=p></p><script>const q = new URLSearchParams(location.search);"
    body = f"<h1>Sales</h1>{told}p.textContent = `${{q.getAll('tier')}}, ${{q.get('year')}}`</script>"
    with site({"/": body}) as made:
        persona = Persona.model_validate({"id": "gold", "query": {"tier": "gold & more"}})
        looked_at = report(f"{made.url}/?year=2026&tier=all", must_contain="gold & more, 2026")
        seen = on_slot(pool, lambda slot: visited(slot, looked_at, persona))
    assert seen.fault is None


@pytest.mark.browser
def test_masks_are_in_neither_picture_nor_structure(pool: Pool) -> None:
    body = "<body style='margin:0'><h1>Sales</h1><p id=clock style='background:red;height:300px'>12:04:59</p>"
    with site({"/": body}) as made:
        plain, masked = (
            on_slot(pool, lambda slot, masks=masks: visited(slot, report(f"{made.url}/", masks=masks)))
            for masks in ([], ["#clock"])
        )
    assert "12:04:59" in (plain.layout or "")
    assert "12:04:59" not in (masked.layout or "")
    assert _reds(plain.png) > 300_000
    assert _reds(masked.png) == 0


@pytest.mark.browser
def test_a_long_page_is_pictured_up_to_its_limit(pool: Pool) -> None:
    with site({"/": "<h1>Sales</h1><div style='height:20000px'>409,849</div>"}) as made:
        seen = on_slot(pool, lambda slot: visited(slot, report(f"{made.url}/", width=640)))
    with Image.open(io.BytesIO(seen.png or b"")) as image:
        assert image.size == (640, 8000)


def _reds(png: bytes | None) -> int:
    with Image.open(io.BytesIO(png or b"")) as image:
        return sum(count for count, colour in image.convert("RGB").getcolors(1 << 24) or [] if colour == (255, 0, 0))


@pytest.mark.browser
def test_a_number_that_comes_late_is_waited_for(pool: Pool) -> None:
    body = "<h1>Sales</h1><p id=n></p><script>setTimeout(() => { n.textContent = '409,849' }, 1500)</script>"
    numbers = [{"id": "partners", "at": {"css": "#n"}, "source": "duckdb:x", "sql": "select 1 as value"}]
    with site({"/": body}) as made:
        seen = on_slot(pool, lambda slot: visited(slot, report(f"{made.url}/", numbers=numbers)))
    assert dict(seen.texts) == {"partners": "409,849"}
    assert seen.useful_seconds is not None
    assert seen.useful_seconds > 1.1
