"""Who is asked before a case is resolved has a say in an edit of wolkvox', too."""

from typing import Any

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.places.hooks import HookKind
from tests.dialects.wolkvox.conftest import Crm
from tests.hooks.asked import add_hook, asked_far

UPDATE = "/cases/updateCaseAttachment.php"


async def test_an_edit_that_settles_a_case_is_asked_about_first(
    crm: Crm, house: House, branch: Sample
) -> None:
    answers: list[Any] = [{"allow": False, "message": "Pay first."}, None]
    async with asked_far(lambda post: answers.pop(0)) as far:
        await add_hook(house, branch.organization.id, HookKind.RESOLVE, far.url)
        id = await crm.inserted()
        before = await crm.seen(id)
        edit = {
            "operation": crm.operation,
            "wolkvox-id": id,
            "case-type": "Complaint",
            "description": "Two lamps are broken",
            "status": "Closed",
        }
        await crm.post(UPDATE, edit)  # there is no solution: nobody is asked
        assert far.posts == []
        refused = await crm.post(UPDATE, {**edit, "solution": "Mended."})
        assert (refused.json()["msg"], await crm.seen(id)) == ("PAY FIRST.", before)
        done = await crm.post(UPDATE, {**edit, "solution": "Mended."})
        assert done.status_code == 200
        again = await crm.post(UPDATE, {**edit, "solution": "Mended twice."})
        assert again.status_code == 200
    row = await crm.seen(id)
    assert (row["type case"], row["status"]) == ("Complaint", "Closed")
    assert [one["type"] for one in far.said] == ["before.resolve"] * 2
