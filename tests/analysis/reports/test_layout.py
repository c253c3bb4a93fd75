"""What is missing, new, moved or renamed on a page is said in words; other figures, dates and rows say nothing."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.reports.layout import compare, digest, normalise

PAGE = """\
- banner:
  - link "Log in":
    - /url: /login?next=7
- main:
  - heading "Returns" [level=1]
  - paragraph: Open orders 1,204
  - 'group "Revenue: all"': Revenue €409.8k
  - img "Revenue by day": Jan Feb 1,000
  - combobox "Region":
    - option "DE"
    - option "FR" [selected]
  - table "Details":
    - rowgroup:
      - row "Partner Revenue Discount Margin":
        - columnheader "Partner"
        - columnheader "Revenue"
        - columnheader "Discount"
        - columnheader "Margin"
    - rowgroup:
      - row "Muller 1,204 3 % 9 Open":
        - rowheader "Muller"
        - cell "1,204"
        - cell "3 %"
        - cell "Open":
          - button "Open"
  - heading "Notes" [level=2]
  - button "Save"
"""


def without(*lines: str) -> str:
    page = PAGE
    for line in lines:
        assert line in page
        page = page.replace(line, "")
    return page


def test_a_page_is_one_line_for_each_thing() -> None:
    assert normalise(PAGE) == (
        "banner",
        "link “Log in”",
        "main",
        "heading “Returns” [level=1]",
        "paragraph: Open orders …",
        "group “Revenue: all”: Revenue €…",
        "img “Revenue by day”",
        "combobox “Region”",
        "table “Details” columns: Partner | Revenue | Discount | Margin",
        "heading “Notes” [level=2]",
        "button “Save”",
    )


def test_another_day_is_no_difference() -> None:
    other = PAGE.replace("1,204", "98").replace("€409.8k", "(€1.2M)").replace("Jan Feb 1,000", "Feb Mar Apr")
    other = other.replace("next=7", "next=8").replace("Muller", "Rossi").replace('"FR" [selected]', '"IT"')
    row = '      - row "Novak 3":\n        - rowheader "Novak"\n        - cell "3"\n'
    other = other.replace('  - heading "Notes"', row + '  - heading "Notes"')
    found = compare(PAGE, other)
    assert (found.is_changed, found.sentences, found.share) == (False, (), 0.0)
    assert digest(other) == digest(PAGE)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (without('  - heading "Returns" [level=1]\n'), "a heading “Returns” is gone"),
        (without('  - img "Revenue by day": Jan Feb 1,000\n'), "a picture “Revenue by day” is gone"),
        (PAGE + '- alert: No connection\n', "an alert “No connection” is new"),
        (PAGE + "- iframe\n- iframe\n", "a frame is new (2 times)"),
        (PAGE.replace('"Returns"', '"Refunds"'), "a heading says “Refunds” instead of “Returns”"),
        (PAGE.replace("€409.8k", "—"), "a group says “Revenue: all Revenue —” instead of “Revenue: all Revenue €…”"),
        (
            without('        - columnheader "Discount"\n'),
            "the table “Details” has 3 columns instead of 4: “Discount” is gone",
        ),
        (
            PAGE.replace('        - columnheader "Margin"\n', '        - columnheader "Cost"\n'),
            "the table “Details” has the column “Cost” instead of “Margin”",
        ),
        (PAGE.replace('"Save"', '"Save" [disabled]'), "the button “Save” is disabled now"),
        (PAGE.replace("level=2", "level=3"), "the heading “Notes” is level 3 instead of level 2"),
        (without('  - button "Save"\n') .replace("- main:\n", '- main:\n  - button "Save"\n'),
         "a button “Save” has moved"),
        (
            PAGE.replace('columnheader "Revenue"', 'columnheader "x"')
            .replace('columnheader "Discount"', 'columnheader "Revenue"')
            .replace('columnheader "x"', 'columnheader "Discount"'),
            "the table “Details” has its columns in another order",
        ),
    ],
)  # fmt: skip
def test_a_difference_is_said_in_words(after: str, said: str) -> None:
    found = compare(PAGE, after)
    assert found.sentences == (said,)
    assert found.is_changed
    assert digest(after) != digest(PAGE)


def test_each_kind_of_difference_is_told_apart_and_what_is_missing_comes_first() -> None:
    after = without('  - heading "Returns" [level=1]\n').replace('"Log in"', '"Sign in"') + "- alert: Busy\n"
    found = compare(PAGE, after)
    assert found.removed == ("a heading “Returns” is gone",)
    assert found.changed == ("a link says “Sign in” instead of “Log in”",)
    assert found.added == ("an alert “Busy” is new",)
    assert found.sentences == found.removed + found.changed + found.added
    assert found.share == pytest.approx(4 / 22)


def test_an_error_page_shares_nothing_with_the_report() -> None:
    found = compare(PAGE, '- heading "503 Service Unavailable" [level=1]\n- text: nginx\n')
    assert found.share == 1.0


def test_a_little_may_be_allowed() -> None:
    after = without('  - button "Save"\n')
    assert compare(PAGE, after, least=0.04).is_changed
    assert not compare(PAGE, after, least=0.05).is_changed


def test_a_table_without_headers_is_known_by_its_number_of_columns() -> None:
    row = '  - row "a 1":\n    - cell "a"\n    - cell "1"\n'
    wider = '  - row "a 1 2":\n    - cell "a"\n    - cell "1"\n    - cell "2"\n'
    assert compare("- table:\n" + row, "- table:\n" + row * 3).sentences == ()
    assert compare("- table:\n" + row, "- table:\n" + wider).sentences == ("a table has 3 columns instead of 2",)


def test_a_table_that_only_places_things_is_read_through() -> None:
    page = '- table:\n  - row "Sales":\n    - cell "Sales":\n      - heading "Sales" [level=1]\n'
    assert "heading “Sales” [level=1]" in normalise(page)
    assert compare(page, page.replace('heading "Sales"', 'heading "Stock"')).is_changed


def test_ten_thousand_lines_are_compared_at_once() -> None:
    lines = [f'- link "{name}"' for name in map("".join, zip("abcdefghij" * 1000, "klmnopqrst" * 1000, strict=True))]
    mixed = lines.copy()
    random.Random(3).shuffle(mixed)
    assert compare("\n".join(lines), "\n".join(mixed)).share < 1


ROLES = st.sampled_from(["heading", "link", "button", "img", "paragraph", "tab", "alert"])
NAMES = st.sampled_from(["Revenue", "Orders", "Partner sales", 'with "quotes"', "a: b", "Total {}", "As of {}"])
FIGURES = st.one_of(st.integers(0, 10**7).map("{:,}".format), st.dates().map(str), st.times().map(str))
THINGS = st.lists(st.tuples(ROLES, NAMES), max_size=12)


def tree(things: list[tuple[str, str]], figure: str = "7") -> str:
    """The page as a browser writes it."""
    said = [(role, name.format(figure).replace('"', '\\"')) for role, name in things]
    items = [f'{role} "{name}"' for role, name in said]
    return "".join(f"- '{item}'\n" if ": " in item else f"- {item}\n" for item in items)


@given(THINGS, FIGURES, FIGURES)
def test_figures_never_change_a_layout(things: list[tuple[str, str]], one: str, other: str) -> None:
    found = compare(tree(things, one), tree(things, other))
    assert not found.is_changed
    assert found.sentences == ()


@given(THINGS, THINGS)
def test_there_is_a_difference_exactly_when_digests_differ(
    before: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    found = compare(tree(before), tree(after))
    assert found.is_changed == bool(found.sentences) == (digest(tree(before)) != digest(tree(after)))
    assert 0.0 <= found.share <= 1.0


@given(THINGS, st.data())
def test_whatever_is_taken_out_is_named_as_gone(things: list[tuple[str, str]], data: st.DataObject) -> None:
    if not things:
        return
    place = data.draw(st.integers(0, len(things) - 1))
    found = compare(tree(things), tree(things[:place] + things[place + 1 :]))
    assert len(found.removed) == 1
    assert "is gone" in found.removed[0]
    assert not found.added + found.changed + found.moved
    back = compare(tree(things[:place] + things[place + 1 :]), tree(things))
    assert [said.replace("is new", "is gone") for said in back.added] == list(found.removed)


@given(THINGS, st.randoms(use_true_random=False))
def test_another_order_only_moves(things: list[tuple[str, str]], dice: random.Random) -> None:
    mixed = things.copy()
    dice.shuffle(mixed)
    found = compare(tree(things), tree(mixed))
    assert not found.added + found.removed + found.changed
    assert bool(found.moved) == (normalise(tree(things)) != normalise(tree(mixed)))


@given(st.text(), st.text())
def test_any_text_can_be_compared(before: str, after: str) -> None:
    assert 0.0 <= compare(before, after).share <= 1.0
