"""What somebody may need to be served: a room they can get into, somebody who interprets."""

from collections.abc import Collection, Iterable
from enum import StrEnum

from nowserving.kit.problems import Problem


class Need(StrEnum):
    """What not every room and not every day of an agent has."""

    WHEELCHAIR = "wheelchair"
    INTERPRETER = "interpreter"


class NotSuited(Problem):
    """This time is in a room, or with somebody, that does not have what is needed."""


def in_order(needs: Iterable[Need]) -> tuple[Need, ...]:
    """Each once, in the order in which they are named here."""
    wanted = set(needs)
    return tuple(one for one in Need if one in wanted)


def must_suit(needs: Collection[Need], suits: Collection[Need]) -> None:
    """NotSuited unless there is all that is needed."""
    missing = [one for one in needs if one not in suits]
    if missing:
        raise NotSuited(missing=missing)
