"""Names of months as pages write them."""

from __future__ import annotations

import re

MONTHS = (
    "january jan januar jän jänner janvier janv enero gennaio januari janeiro",
    "february feb februar février févr fév febrero febbraio februari fevereiro",
    "march mar märz mär mrz mars marzo maart mrt março",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mei maio",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juil juillet julio luglio lug julho",
    "august aug août agosto augustus",
    "september sep sept septembre septiembre settembre setembro",
    "october oct oktober okt octobre octubre ottobre ott outubro",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre déc diciembre dic dicembre dezembro",
)
NUMBER_OF = {name: number for number, names in enumerate(MONTHS, start=1) for name in names.split()}
MONTH = rf"(?<![^\W\d_])(?:{'|'.join(sorted(map(re.escape, NUMBER_OF), key=len, reverse=True))})(?![^\W\d_])\.?"
