"""What stands behind every door: the house, who has called lately, and our own address."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from litestar import Request

from nowserving.actions.house import House
from nowserving.actions.sign_in import Callers
from nowserving.actions.ticket import link_of
from nowserving.cases.case import Case
from nowserving.kit.pace import Pace
from nowserving.places.organization import Organization


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
