"""Badges for the readers of a report: a label and a message as one small picture."""

from __future__ import annotations

from xml.sax.saxutils import escape

COLORS = {"green": "#2e7d32", "amber": "#b45f06", "red": "#c62828", "grey": "#5f6368"}
LABEL = "#3c4043"
PADDING, HEIGHT = 7, 20
NARROW, WIDE = "fijlrtI.,:;|!' ·()[]", "mwMW@%"  # advance widths of 11 px Verdana, by kind of letter


def width_of(text: str) -> int:
    """Pixels that the text takes at 11 px, rounded up; a little generous, so that no font cuts it."""
    per_letter = (4.2 if letter in NARROW else 10.4 if letter in WIDE else 7.2 for letter in text)
    return round(sum(per_letter) + 0.5)


def svg(label: str, said: str, color: str) -> str:
    """The badge: the label and what is said on a ground of that colour, as wide as they need."""
    left, right = width_of(label) + 2 * PADDING, width_of(said) + 2 * PADDING
    texts = "".join(
        f'<text x="{x}" y="14" textLength="{width}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'
        for x, width, text in ((PADDING, left - 2 * PADDING, label), (left + PADDING, right - 2 * PADDING, said))
    )
    spoken = escape(f"{label}: {said}", {'"': "&quot;"})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{HEIGHT}" role="img" '
        f'aria-label="{spoken}"><title>{escape(f"{label}: {said}")}</title>'
        f'<clipPath id="round"><rect width="{left + right}" height="{HEIGHT}" rx="3"/></clipPath>'
        f'<g clip-path="url(#round)"><rect width="{left}" height="{HEIGHT}" fill="{LABEL}"/>'
        f'<rect x="{left}" width="{right}" height="{HEIGHT}" fill="{color}"/></g>'
        f'<g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">{texts}</g></svg>'
    )
