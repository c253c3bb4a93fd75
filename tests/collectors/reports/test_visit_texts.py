"""The texts of numbers: the element's own, or what stands beside the words that name it."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.reports.base import Visit
from collectors.reports.pool import Pool
from tests.collectors.reports.sites import look, site
from tests.collectors.reports.visits import HOSTS, report

CARD = "<div class=card><div class=label>{}</div><div style='font-size:32px'>{}</div><div>+5.2 % since 2025</div></div>"
CASES: list[tuple[str, dict[str, str], str | None]] = [
    ("<b id=n>1,234</b>", {"css": "#n"}, "1,234"),
    ("<b id=n style='display:none'>1,234</b>", {"css": "#n"}, None),
    ("<b id=n>—</b>", {"css": "#n"}, "—"),
    ("<p>other</p>", {"css": "#n"}, None),
    ("<input id=n value='1,234'>", {"css": "#n"}, "1,234"),
    ("<div id=n role=img aria-label='1,234 partners' style='width:99px;height:99px;background:red'></div>", {"css": "#n"}, "1,234 partners"),
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
    ("<table><tr><th>Partners</th><td>409,849</td></tr><tr><th>Revenue</th><td>1.2M</td></tr></table>", {"text": "Revenue"}, "1.2M"),
    ("<table><tr><th>Partners</th><th>Revenue</th></tr><tr><td>409,849</td><td>1.2M</td></tr></table>", {"text": "Revenue"}, "1.2M"),
    ("<div style='display:flex'><span>€</span><span>1.2</span><span>M</span></div><p>x</p>", {"css": "div"}, "€ 1.2 M"),
    ("<div><h3>Revenue</h3><p><span>€</span><span>1.2</span><span>M</span></p></div>", {"text": "Revenue"}, "€1.2M"),
    ("<nav>Revenue</nav><p>since 1999</p>" + CARD.format("Revenue", "1.2M"), {"text": "Revenue"}, "1.2M"),
    ("<svg width=300 height=80><text y=20>Partners</text><text y=50 font-size=24>409,849</text></svg>", {"text": "Partners"}, "409,849"),
    ("<label>Partners <input value='409,849'></label>", {"label": "Partners"}, "409,849"),
    ("<div role=figure aria-label=Partners>409,849</div>", {"role": "figure", "name": "Partners"}, "409,849"),
    ("<h2>Partners 409,849</h2>", {"role": "heading", "name": "Partners"}, "409,849"),
    ("<p>Revenue 2026</p>", {"text": "Revenue"}, None),
    ("<div id=h></div><script>h.attachShadow({mode:'open'}).innerHTML='<b class=n>7</b>'</script>", {"css": ".n"}, "7"),
    ("<iframe srcdoc='<b id=n>7</b>' width=300 height=200></iframe>", {"css": "#n"}, "7"),
]  # fmt: skip


@pytest.fixture(scope="module")
def read(pool: Pool) -> Visit:
    return _read(pool, {f"n{index}": (body, at) for index, (body, at, _) in enumerate(CASES)})


def _read(pool: Pool, asked: dict[str, tuple[str, dict[str, str]]]) -> Any:
    """Texts by key, each from a page of its own, all in one look."""
    from collectors.reports.elements import text_of
    from config.reports import Element

    pages = {f"/{key}": f"<!doctype html><body>{body}</body>" for key, (body, _) in asked.items()}
    with site({**pages, "/": "<h1>Start</h1>"}) as made:

        def act(room: Any) -> dict[str, str | None]:
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
    from tests.collectors.reports.sites import on_slot
    from tests.collectors.reports.visits import visited

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
    assert HOSTS
