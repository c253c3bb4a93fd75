"""What one check may use of the way out, and what it has used."""

from __future__ import annotations

from asyncio import StreamWriter

from collectors.reach import Reach
from collectors.web import RefusedAddressError

MOST_NOTED = 100
BROWSERS_OWN = (  # what Chromium asks by itself, whatever page it shows
    "update.googleapis.com",
    "accounts.google.com",
    "clients2.google.com",
    "content-autofill.googleapis.com",
    "optimizationguide-pa.googleapis.com",
    "redirector.gvt1.com",
)


class Passage:
    """The bytes one check has received, what it was refused, and what it could not reach.

    `refused` has a sentence for every refusal, `unreached` the reason by `host:port`.
    """

    def __init__(self, reach: Reach | None, most_bytes: int) -> None:
        self.received = 0
        self.is_over = False
        self._reach, self._most_bytes = reach, most_bytes
        self._refused: dict[str, None] = {}
        self._unreached: dict[str, str] = {}
        self._writers: set[StreamWriter] = set()
        self._is_cut = False

    @property
    def refused(self) -> list[str]:
        return list(self._refused)

    @property
    def unreached(self) -> dict[str, str]:
        return dict(self._unreached)

    def allowed(self, host: str, port: int, found: list[str]) -> list[str]:
        """The addresses that may be used; raises RefusedAddressError when there are some, but none of these."""
        kept, refusal = [], None
        for address in found:
            try:
                if self._reach is None or self._is_cut:
                    raise RefusedAddressError("No check is going on.")
                self._reach.refuse(host, port, address)
            except RefusedAddressError as error:
                refusal = error
            else:
                kept.append(address)
        if refusal is not None and not kept:
            if self._reach is not None and not self._is_cut:
                self._note_refused(host, str(refusal))
            raise refusal
        return kept

    def note_unreached(self, host: str, port: int, reason: str) -> None:
        if host not in BROWSERS_OWN and len(self._unreached) < MOST_NOTED:
            self._unreached[f"{host}:{port}"] = reason

    def _note_refused(self, host: str, sentence: str) -> None:
        if host not in BROWSERS_OWN and len(self._refused) < MOST_NOTED:
            self._refused[sentence] = None

    def count(self, received: int) -> bool:
        """Whether so many more bytes are within the limit; everything is cut off when they are not."""
        self.received += received
        if self.received > self._most_bytes and not self._is_cut:
            self.is_over = True
            self.cut()
        return not self._is_cut

    def join(self, writer: StreamWriter) -> None:
        self._writers.add(writer)
        if self._is_cut:
            writer.transport.abort()

    def leave(self, writer: StreamWriter) -> None:
        self._writers.discard(writer)
        writer.close()

    def cut(self) -> None:
        """End all connections at once, and let no other begin; on the gateway's own thread."""
        self._is_cut = True
        for writer in list(self._writers):
            writer.transport.abort()
