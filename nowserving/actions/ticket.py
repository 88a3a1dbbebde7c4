"""What the holder of a ticket can do with its link.

A link is `<number of the organization>.<token>`: it tells where to look without a search
over all tenants, and the token alone opens it.
"""

from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.house import House
from nowserving.cases import moves
from nowserving.cases.case import Case, came_back, moved
from nowserving.kit.problems import NotFound
from nowserving.kit.vault import fingerprint
from nowserving.people.actor import Actor, holder
from nowserving.places.organization import Organization
from nowserving.store.engines import Looking
from nowserving.store.store import Store


def link_of(organization: Organization, token: str) -> str:
    """The last part of a ticket's address."""
    return f"{organization.number}.{token}"


async def holder_of(house: House, link: str) -> Actor:
    """Whoever has this link; NotFound if it opens nothing."""
    number, _, token = link.partition(".")
    if not number.isascii() or not number.isdigit() or len(number) > 9 or not token:
        raise NotFound(what="ticket", id="link")
    organization = await house.organization_numbered(int(number))
    store = Store(Looking(house.engine), organization.id)
    case = await store.cases.by_link(fingerprint(token))
    return holder(organization.id, case.unit_id, case.id)


async def leave(act: Act, *, case_id: UUID) -> Case:
    """Leave the line."""
    case = await act.store.cases.hold(case_id)
    return await act.change(case, moved(case, moves.ABANDON, act.now), moves.ABANDON)


async def come_back(act: Act, *, case_id: UUID) -> Case:
    """Change one's mind within 30 seconds of leaving, and keep the place."""
    case = await act.store.cases.hold(case_id)
    return await act.change(case, came_back(case, act.now), moves.COME_BACK)
