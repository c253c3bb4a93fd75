"""What stands beside a number on a page: currencies, shares, and words that scale it, such as `Mio.` or `bn`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

DOLLARS = "USD CAD AUD NZD SGD HKD MXN TWD ARS CLP COP BRL BBD BMD BSD BZD JMD NAD TTD UYU"
# A sign that several currencies share comes with all of them, the most usual first.
SYMBOLS: Mapping[str, tuple[str, ...]] = {
    "$": tuple(DOLLARS.split()),
    "€": ("EUR",),
    "£": ("GBP", "EGP", "FKP", "GIP", "SHP"),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "₩": ("KRW",),
    "₽": ("RUB",),
    "₺": ("TRY",),
    "₴": ("UAH",),
    "₪": ("ILS",),
    "฿": ("THB",),
    "₫": ("VND",),
    "₱": ("PHP",),
    "₦": ("NGN",),
    "元": ("CNY",),
    "円": ("JPY",),
}
MARKED_DOLLARS = {"US": "USD", "C": "CAD", "CA": "CAD", "A": "AUD", "AU": "AUD", "NZ": "NZD", "HK": "HKD", "S": "SGD"}
MARKED_DOLLARS |= {"R": "BRL", "NT": "TWD", "MX": "MXN"}
CROWNS = ("SEK", "NOK", "DKK", "ISK")
WORDS: Mapping[str, tuple[str, ...]] = {  # as they are written: `ft` is a foot and `Ft` a forint
    **dict.fromkeys(("kr", "Kr"), CROWNS),
    **dict.fromkeys(("zł", "zl"), ("PLN",)),
    **dict.fromkeys(("Kč", "kč"), ("CZK",)),
    **dict.fromkeys(("Fr", "SFr"), ("CHF",)),
    **dict.fromkeys(("Rs", "rs"), ("INR", "PKR", "LKR", "NPR")),
    **dict.fromkeys(("euro", "euros", "Euro", "Euros"), ("EUR",)),
    **dict.fromkeys(("dollar", "dollars", "Dollar"), SYMBOLS["$"]),
    "Ft": ("HUF",),
    "lei": ("RON",),
}
WORDLIKE = ("ALL", "TOP", "CUP")  # codes that read as English words count only where the contract names them
USUAL = (
    "AED ARS AUD AZN BDT BGN BHD BRL BYN CAD CHF CLP CNH CNY COP CRC CZK DKK DOP DZD EGP ETB EUR GBP GHS GTQ HKD HNL "
    "HRK HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KRW KWD KZT LBP LKR MAD MDL MKD MXN MYR NGN NOK NZD OMR PAB PHP "
    "PKR PLN PYG QAR RON RSD RUB SAR SEK SGD THB TND TRY TWD TZS UAH UGX USD UYU UZS VND XAF XOF ZAR ZMW"
)
CODES = frozenset(USUAL.split())
SHARES: Mapping[str, float] = {"ratio": 1.0, "%": 0.01, "‰": 0.001}  # units of a share, as parts of the whole

LETTER_SCALES = {"k": 3, "K": 3, "m": 6, "M": 6, "MM": 6, "G": 9, "b": 9, "B": 9, "T": 12}
WORD_SCALES: Mapping[str, int] = {
    **dict.fromkeys(("tsd", "tausend", "thousand", "thousands", "tys"), 3),
    **dict.fromkeys(("lakh", "lakhs", "lac"), 5),
    **dict.fromkeys(("mn", "mln", "mio", "mill", "million", "millions", "millionen", "millón", "millones"), 6),
    **dict.fromkeys(("cr", "crore", "crores"), 7),
    **dict.fromkeys(("bn", "bln", "billion", "billions", "mrd", "md", "mds", "mld", "mia"), 9),
    **dict.fromkeys(("milliard", "milliards", "milliarde", "milliarden"), 9),
    **dict.fromkeys(("tn", "trn", "trillion", "trillions", "bio", "billionen"), 12),
    **{"万": 4, "萬": 4, "億": 8, "亿": 8},
}
# These stand behind numbers with a decimal comma: `1,2 Mio.`
COMMA_SCALES = frozenset(("tsd", "tausend", "mio", "mill", "millionen", "mrd", "md", "mds", "mld", "mia", "mln", "tys"))
COMMA_SCALES |= {"milliard", "milliards", "milliarde", "milliarden", "bio", "billionen"}
THOUSANDS_IN_T = ("EUR", "CHF")  # TEUR and T€ are thousands, whatever T is elsewhere

SYMBOL_CLASS = "".join(re.escape(symbol) for symbol in SYMBOLS)


@dataclass(frozen=True, slots=True)
class Mark:
    """What one word beside a number says: a power of ten, the currencies it may be, a share, or just a word.

    `is_comma` says that it goes with decimal commas.
    """

    text: str
    power: int = 0
    currencies: tuple[str, ...] = ()
    share: str = ""
    is_comma: bool = False

    @property
    def is_word(self) -> bool:
        """Whether it is none of the known marks."""
        return not (self.power or self.currencies or self.share)


def is_currency(unit: str) -> bool:
    """Whether the unit of a contract is a currency: three capitals that are a code, such as EUR."""
    return unit in CODES or unit in WORDLIKE


def read_mark(text: str, unit: str = "") -> Mark:
    """What `text` beside a number means, for a contract in `unit`: the unit's own word never scales (`5 m`, `3 MB`)."""
    word = text.rstrip(".")
    if word in SHARES:
        return Mark(text, share=word)
    if word == unit and not is_currency(unit):
        return Mark(text)
    currencies = currencies_of(word, unit)
    if currencies:
        return Mark(text, currencies=currencies)
    power = scale_of(word)
    if power:
        return Mark(text, power=power, is_comma=word.casefold() in COMMA_SCALES)
    return _scaled_currency(text, word, unit)


def currencies_of(word: str, unit: str = "") -> tuple[str, ...]:
    """The currencies that a symbol, code or word may stand for; empty for anything else."""
    if word in CODES or (word == unit and is_currency(unit)):
        return (word,)
    if word.endswith("$") and word[:-1] in MARKED_DOLLARS:
        return (MARKED_DOLLARS[word[:-1]],)
    if word == "CN¥":
        return ("CNY",)
    if word[-1:] in SYMBOLS and word[:-1] in CODES:
        return (word[:-1],)
    return SYMBOLS.get(word) or WORDS.get(word, ())


def scale_of(word: str) -> int:
    """The power of ten that a word or letter stands for; 0 for anything else."""
    return LETTER_SCALES.get(word) or WORD_SCALES.get(word.casefold(), 0)


def _scaled_currency(text: str, word: str, unit: str) -> Mark:
    """`k€`, `Mio€`, `TEUR`, `MUSD`: a scale and a currency in one word; otherwise just a word."""
    for split in range(1, len(word)):
        currencies, power = currencies_of(word[split:], unit), scale_of(word[:split])
        if currencies and power and word[split:] not in WORDS:
            is_german = word[:split] == "T" and currencies[0] in THOUSANDS_IN_T
            is_comma = is_german or word[:split].casefold() in COMMA_SCALES
            return Mark(text, power=3 if is_german else power, currencies=currencies, is_comma=is_comma)
    return Mark(text)
