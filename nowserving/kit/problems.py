"""What we expect to go wrong. A problem's docstring is its message; every door has a word for it.

Anything that is not a Problem is a bug: it rises, is logged once at the door, and is
answered 500 with nothing told.
"""

from collections.abc import Iterator
from enum import StrEnum


class Blame(StrEnum):
    """Whose turn it is to do something about a problem; doors fall back on it."""

    UNKNOWN_CALLER = "unknown_caller"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    INPUT = "input"
    CONFLICT = "conflict"
    HASTE = "haste"


class Problem(Exception):
    """Something went wrong that we knew could."""

    blame = Blame.CONFLICT

    def __init__(self, **details: object) -> None:
        """Keep what a door may tell of it: ids, field names, limits; never a secret."""
        super().__init__(self.message())
        self.details = details

    @classmethod
    def message(cls) -> str:
        """The sentence people read."""
        return " ".join((cls.__doc__ or "").split())

    @classmethod
    def name(cls) -> str:
        """The problem's name on our own wire: `WrongState` is `wrong-state`."""
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("-")


def every_problem(root: type[Problem] = Problem) -> Iterator[type[Problem]]:
    """Every kind of problem that exists, for the tests that ask each door for its word."""
    for kind in root.__subclasses__():
        yield kind
        yield from every_problem(kind)


class Forbidden(Problem):
    """You may not do this here."""

    blame = Blame.FORBIDDEN


class NotFound(Problem):
    """There is no such thing, or none that you may see."""

    blame = Blame.MISSING


class Invalid(Problem):
    """The request cannot be understood or is not acceptable as it stands."""

    blame = Blame.INPUT


class Stale(Problem):
    """Somebody else changed this a moment ago; look again."""


class KeyReused(Problem):
    """This idempotency key was used before with another request."""

    blame = Blame.INPUT


class StillRunning(Problem):
    """The first request with this idempotency key is still being worked on."""


class TooMany(Problem):
    """Too many requests; wait a little."""

    blame = Blame.HASTE
