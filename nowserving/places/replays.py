"""Telling an endpoint again what it was told, or was not: a job with its progress."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from nowserving.kit.problems import Problem


class ReplayState(StrEnum):
    """How a replay stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def ended(self) -> bool:
        """Does nothing more come of it?"""
        return self not in (ReplayState.WAITING, ReplayState.RUNNING)


class Source(StrEnum):
    """What is told again: a part of the feed, what was not taken, one fact; or a trial."""

    FEED = "feed"
    FAILED = "failed"
    FACT = "fact"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Replay:
    """Facts told to one endpoint once more, in order for each case, beside what is new.

    `wish` is what was asked for: its `source`, and from where to where. `cursor` is how far it
    has come, in the source's own terms. Of `total` facts `seen` were looked at: `told` ones were
    taken, `on_lanes` have yet to be told for the first time and are left to their lanes. `due`
    None: it has ended.
    """

    organization_id: UUID
    id: UUID
    endpoint_id: UUID
    state: ReplayState
    wish: Mapping[str, Any]
    total: int
    created_by: str
    created_at: datetime
    due: datetime | None
    cursor: str = ""
    seen: int = 0
    told: int = 0
    on_lanes: int = 0
    attempt: int = 0
    error: str | None = None
    ended_at: datetime | None = None
    lease: UUID | None = field(default=None, compare=False)

    @property
    def source(self) -> Source:
        """What is told again."""
        return Source(self.wish["source"])


class NotTold(Problem):
    """This endpoint is disabled and is told nothing; enable it first."""


class ReplayEnded(Problem):
    """This replay has ended already."""


class NothingParked(Problem):
    """There is nothing that this endpoint has yet to be told about this case."""
