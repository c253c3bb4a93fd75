"""The one error of delivery; its message is one sentence for a person."""

from __future__ import annotations

from collections.abc import Sequence


class DeliveryError(Exception):
    """A message was not delivered; the sentence says why and what to do.

    `is_permanent` says that it never will be: the message or its recipient is refused for good. `delivered` are those
    of several recipients who have it nevertheless.
    """

    def __init__(self, problem: str, is_permanent: bool = False, delivered: Sequence[str] = ()) -> None:
        super().__init__(problem)
        self.is_permanent = is_permanent
        self.delivered = tuple(delivered)
