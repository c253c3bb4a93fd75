"""The small family of errors that the store raises; every message is one sentence for a person."""

from __future__ import annotations


class StoreError(Exception):
    """Something about the store that a person can act on."""


class StoreAwayError(StoreError):
    """The owner process cannot be reached now; facts wait in the spool meanwhile."""


class StatementError(StoreError):
    """The store was reached and refused a statement or the rows in it."""


class SpoolFullError(StoreError):
    """The disk under the spool has no room; the rows could not be acknowledged."""


class CorruptBatchError(StoreError):
    """A spooled batch does not match its own manifest."""


class MigrationError(StoreError):
    """A migration failed, is missing, or was changed after it had been applied."""


class ExploreError(StoreError):
    """An analyst's query was refused or cut off."""
