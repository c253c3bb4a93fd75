"""What all parts of the configuration share: a strict base and the types of its fields."""

from __future__ import annotations

from datetime import time
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=100)]
Seconds = Annotated[float, Field(ge=1)]
Span = Annotated[float, Field(ge=0, le=366 * 86_400)]  # seconds


class Part(BaseModel):
    """Base of all parts of the configuration: a field that is not declared is a typing error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone; expected one such as Europe/Berlin or UTC") from error


def _clock(text: str) -> str:
    try:
        return time.fromisoformat(text).strftime("%H:%M")
    except ValueError as error:
        raise ValueError(f"{text!r} is no time of day; expected HH:MM, in quotes") from error


Zone = Annotated[str, AfterValidator(_zone)]
TimeOfDay = Annotated[str, AfterValidator(_clock)]
