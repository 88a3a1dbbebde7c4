"""What stands behind every door: the house, who has called lately, our address, what failed."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from litestar import Request

from nowserving.actions.house import House
from nowserving.actions.sign_in import Callers
from nowserving.actions.ticket import link_of
from nowserving.cases.case import Case
from nowserving.kit.http import Unready, as_problem
from nowserving.kit.pace import Pace
from nowserving.kit.problems import Problem, Stale
from nowserving.places.organization import Organization
from nowserving.store.engines import Clash, Unavailable

_log = structlog.get_logger("nowserving")


def _failures() -> Pace:
    return Pace(burst=30, every=timedelta(seconds=2))


@dataclass(frozen=True, slots=True)
class Doorway:
    """Given to each door through the application's state.

    `base_url` is how the world reaches us, without a slash at the end. `secure`: the world
    reaches us by https, so cookies are for https only. `failures` is the pace at which one
    address may try wrong credentials; a right one is given back.
    """

    house: House
    callers: Callers
    base_url: str
    failures: Pace = field(default_factory=_failures)

    @property
    def secure(self) -> bool:
        """Do people reach us by https?"""
        return self.base_url.startswith("https://")

    def ticket_url(self, organization: Organization, case: Case, token: str | None = None) -> str:
        """Where the holder of a ticket follows it; `token` where the link's is known already."""
        link = link_of(organization, token or self.house.vault.link(case.id))
        return f"{self.base_url}/t/{link}"


def doorway(request: Request[Any, Any, Any]) -> Doorway:
    """The doorway of the application a request came to."""
    found: Doorway = request.app.state.doorway
    return found


def problem_of(failure: Exception) -> Problem | None:
    """Whatever rose to a door, as a problem it has a word for.

    None for a bug, which is logged here, once: nothing is told of it.
    """
    if isinstance(failure, Unavailable):
        _log.warning("the database does not answer", reason=str(failure))
        return Unready()
    if isinstance(failure, Clash):
        return Stale()
    problem = as_problem(failure)
    if problem is None:
        _log.error("bug", exc_info=failure)
    return problem
