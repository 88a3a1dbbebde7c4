"""The work on a case beside the line leaves the same facts in wolkvox' language and in ours."""

import httpx

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from tests.dialects.story import Branch, Time, branch_of
from tests.dialects.test_story import noted_by_program

WORK = ("opened", "noted", "taken up", "put aside", "taken up again", "closed")

SAYS_OF_WORK = {"opened", "taken up", "put aside", "taken up again", "closed"}
"""What wolkvox can say of a case: notes are only told in its language, never taken down."""

STATUS_AFTER = {
    "taken up": "In progress",
    "put aside": "On hold",
    "taken up again": "In progress",
    "closed": "Closed",
}
SOLUTION = {"closed": {"solution": "The lamp was mended."}}


async def worked_in_wolkvox(branch: Branch, step: str) -> None:
    """Say a step of the work on a case, in wolkvox' language."""
    crm = branch.crm
    if step == "opened":
        crm.case["id"] = await crm.inserted(form={"Reference": "R-1"})
        await branch.take((await crm.seen(crm.case["id"]))["idCase"])
        return
    edit = {"wolkvox-id": crm.case["id"], "status": STATUS_AFTER[step], **SOLUTION.get(step, {})}
    answer = await crm.ask("/cases/update.php", **edit)
    assert answer.status_code == 200, answer.text


async def worked_in_ours(branch: Branch, step: str) -> None:
    """The same over our own API."""
    office, agents = branch.office, branch.made.beginning.agents
    statuses = {one.name: str(one.id) for one in office.statuses}
    if step == "noted":
        await noted_by_program(branch)
    elif step == "opened":
        order = {
            "service_id": str(office.service.id),
            "type_id": str(office.types[0].id),
            "customer_id": str(branch.crm.contact.id),
            "use_customer_contact": True,
            "description": branch.crm.case["description"],
            "fields": {office.field.slug: "R-1"},
            "priority_id": str(office.priorities[0].id),
            "status_id": statuses["Open"],
            "assigned_to": str(agents[0].id),
            "owner_id": str(agents[3].id),
        }
        made = await branch.program.post("/cases/open", order, expect=201)
        branch.case_id = made["case"]["id"]
    else:
        order = {"status_id": statuses[STATUS_AFTER[step]], **SOLUTION.get(step, {})}
        await branch.program.post(f"/cases/{branch.case_id}/status", order)


async def test_the_work_on_a_case_told_in_wolkvox_leaves_the_same_facts(
    house: House, client: httpx.AsyncClient, branch: Sample, other_branch: Sample
) -> None:
    house.clock = time = Time()
    theirs = await branch_of(house, client, branch)
    ours = await branch_of(house, client, other_branch)
    for step in WORK:
        time.go()
        await (worked_in_wolkvox if step in SAYS_OF_WORK else worked_in_ours)(theirs, step)
        await worked_in_ours(ours, step)
    told = await theirs.told()
    assert told == await ours.told()
    assert [fact["kind"] for fact in told[:-1]] == [
        "case.opened",
        "case.noted",
        "case.taken_up",
        "case.held",
        "case.taken_up",
        "case.corrected",  # by the solution
        "case.resolved",
        "case.closed",
    ]
