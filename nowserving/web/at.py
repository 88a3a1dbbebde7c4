"""Where a public page stands: a unit, by the address people type."""

from dataclasses import dataclass

from nowserving.actions.doorway import doorway
from nowserving.kit.http import AnyRequest
from nowserving.kit.problems import NotFound
from nowserving.people.actor import Actor, visitor
from nowserving.places.directory import Directory
from nowserving.places.organization import Organization, Unit


@dataclass(frozen=True, slots=True)
class Stand:
    """A unit whose public pages somebody looks at."""

    organization: Organization
    directory: Directory
    unit: Unit

    def visitor(self, name: str) -> Actor:
        """Whoever stands here."""
        return visitor(self.organization.id, self.unit.id, name)


async def stand(request: AnyRequest, slug: str, number: int) -> Stand:
    """The unit of an address; NotFound if there is none."""
    house = doorway(request).house
    organization = await house.organization_called(slug)
    directory = await house.directory(organization.id)
    unit = directory.unit_numbered(number)
    if unit.archived:
        raise NotFound(what="unit", id=number)
    return Stand(organization, directory, unit)
