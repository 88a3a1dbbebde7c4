"""Those who want to hear of some places are told of those, in order, and of nothing else."""

from uuid import UUID

from tests.hooks.far import far_end
from tests.hooks.sending import Room
from tests.journal.conftest import engine, office
from tests.journal.facts import Office, until

__all__ = ["engine", "office"]

CASE, HERE, THERE = (UUID(int=at) for at in (1, 2, 3))


async def test_what_happened_elsewhere_between_two_wanted_facts_is_not_told(
    office: Office,
) -> None:
    async with far_end() as here, far_end() as there, far_end() as everywhere:
        await office.subscribe(here.url, ["*"], unit_ids=(HERE,))
        await office.subscribe(there.url, ["case.*"], unit_ids=(THERE,))
        await office.subscribe(everywhere.url, ["*"])
        async with Room(office.engine) as room:
            await office.happens(CASE, at_unit=HERE)
            await office.happens(CASE, "case.transferred", at_unit=THERE, from_unit_id=HERE)
            await office.happens(CASE, "case.called", at_unit=THERE)
            await office.happens(CASE, "case.transferred", at_unit=HERE, from_unit_id=THERE)
            await office.happens(CASE, "case.called", at_unit=HERE)
            room.router.wake(office.id)
            await until(lambda: len(everywhere.taken) == 5)
            await until(lambda: len(here.taken) == 4 and len(there.taken) == 3)
    assert [post.said["version"] for post in here.taken] == [1, 2, 4, 5]
    assert [post.said["version"] for post in there.taken] == [2, 3, 4]
