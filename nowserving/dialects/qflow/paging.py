"""Pages of lists: the envelope is camelCase, unlike all else (reference/qflow.md 2.5)."""

from dataclasses import dataclass
from typing import Any

from nowserving.dialects.qflow.ask import NUMBER_AT_MOST
from nowserving.dialects.qflow.binding import Bound, invalid

LIMIT = 500


@dataclass(frozen=True, slots=True)
class Page:
    """Which of so many are asked for; `start` counts from 1."""

    start: int
    limit: int
    total: int

    @property
    def skip(self) -> int:
        """How many come before."""
        return self.start - 1

    def envelope(self, name: str, rows: list[Any]) -> dict[str, Any]:
        """The page with its rows."""
        return {
            "start": self.start,
            "count": len(rows),
            "totalCount": self.total,
            "totalPages": -(-self.total // self.limit),
            name: rows,
        }


def page_of(given: Bound, total: int) -> Page:
    """The page that is asked for; ModelInvalid where it makes no sense."""
    start, limit = given.maybe("offset"), given.maybe("limit")
    start, limit = 1 if start is None else start, LIMIT if limit is None else limit
    if not 0 <= start <= NUMBER_AT_MOST:
        raise invalid(given.model, "offset", "The field offset must be 1 or more.")
    if not 1 <= limit <= LIMIT:
        raise invalid(given.model, "limit", f"The field limit must be between 1 and {LIMIT}.")
    return Page(max(start, 1), limit, total)
