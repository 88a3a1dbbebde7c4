"""Tokens: where they stand, what they are for, and how often they may be used."""

from datetime import timedelta

import pytest

from nowserving.actions.api_tokens import create_token, drop_token, tokens
from nowserving.actions.desk import note
from nowserving.actions.house import House
from nowserving.cases.case import Visibility
from nowserving.dialects.wolkvox.routes import PREFIX
from nowserving.kit.problems import Forbidden, Invalid
from nowserving.people.actor import Actor
from nowserving.people.tokens import TokenKind
from tests.dialects.wolkvox.conftest import Crm

QUERY = "/cases/queryCases.php"
HISTORY = "/cases/listHistoryNote.php"


def said(code: int, error: str, msg: str) -> dict[str, object]:
    return {"code": code, "error": error, "msg": msg, "data": []}


async def test_a_token_stands_in_a_header_or_in_the_body(crm: Crm) -> None:
    body = {"operation": crm.operation, "field": "status", "value": "Open"}
    for headers in ({"Wolkvox-Token": crm.token}, {"wolkvox-token": crm.token}):
        answer = await crm.client.post(f"{PREFIX}{QUERY}", json=body, headers=headers)
        assert answer.status_code == 200
    inside = await crm.client.post(f"{PREFIX}{QUERY}", json={**body, "wolkvox-token": crm.token})
    assert inside.status_code == 200
    none = await crm.client.post(f"{PREFIX}{QUERY}", json=body)
    assert none.json() == said(401, "UNAUTHORIZED", "PLEASE ENTER THE WOLKVOX-TOKEN")
    for wrong in ("x", "1.wrong", "999.wrong", "²." + "x"):
        bad = await crm.client.post(f"{PREFIX}{QUERY}", json={**body, "wolkvox-token": wrong})
        assert bad.json() == said(403, "FORBIDDEN", "PLEASE VALIDATE TOKEN")


async def test_a_token_is_of_one_operation(crm: Crm) -> None:
    answer = await crm.post(QUERY, {"operation": "other", "field": "status", "value": "Open"})
    assert answer.status_code == 403


async def test_an_external_token_reads_the_notes_of_its_company_and_nothing_else(
    house: House, operator: Actor, crm: Crm
) -> None:
    id = await crm.inserted()
    number = (await crm.seen(id))["idCase"]
    async with house.acting(operator) as act:
        case = await act.look.case_lists.numbered(number)
    for text, to in (("seen by all", Visibility.PUBLIC), ("for us", Visibility.INTERNAL)):
        async with house.acting(operator) as act:
            await note(act, case_id=case.id, text=text, visibility=to)
    asked = {"operation": crm.operation, "field": "type case", "value": "Request", "limit": "2"}
    answer = await crm.post(HISTORY, asked, **{"Wolkvox-Token": crm.external})
    assert answer.json()["msg"] == "1 records were are found"
    assert [row["note"] for row in answer.json()["data"]] == ["seen by all"]
    for path in (QUERY, "/cases/insertAttach.php", "/custom/query.php", "/custom/delete.php"):
        refused = await crm.post(path, asked, **{"Wolkvox-Token": crm.external})
        assert refused.status_code == 403, path
    assert (await crm.post(HISTORY, asked)).status_code == 403


async def test_a_limit_counts_for_a_day_of_the_organization(
    house: House, operator: Actor, crm: Crm
) -> None:
    async with house.acting(operator) as act:
        made, few = await create_token(act, name="few", daily_limit=2)
    crm.token = few
    ask = {"field": "status", "value": "Open"}
    for _ in range(2):
        assert (await crm.ask(QUERY, **ask)).status_code == 200
    for _ in range(2):
        spent = await crm.ask(QUERY, **ask)
        assert spent.json() == said(403, "FORBIDDEN", "TOKEN LIMIT EXCEEDED")
        assert 0 < int(spent.headers["Retry-After"]) <= 25 * 3600
    async with house.acting(operator) as act:
        assert [used for one, used in await tokens(act) if one.id == made.id] == [2]
    tomorrow = house.clock() + timedelta(days=1)
    house.clock = lambda: tomorrow
    assert (await crm.ask(QUERY, **ask)).status_code == 200


async def test_a_token_tells_of_itself_and_counts_that(crm: Crm) -> None:
    for times in (1, 2):
        answer = await crm.client.get(
            f"{PREFIX}/token/tokenInformation.php?operation={crm.operation}",
            headers={"Wolkvox-Token": crm.external},
        )
        told = answer.json()
        assert (told["code"], told["msg"]) == ("200", "1 records were are found")
        assert told["data"].pop("hours_to_rest")
        assert told["data"] == {
            "description": "acme",
            "token_limit": 4800,
            "token_use_today": times,
            "available_consumition_options": 4800 - times,
        }


async def test_what_was_taken_back_is_unknown(house: House, operator: Actor, crm: Crm) -> None:
    async with house.acting(operator) as act:
        made, gone = await create_token(act, name="gone")
    async with house.acting(operator) as act:
        await drop_token(act, token_id=made.id)
    crm.token = gone
    assert (await crm.ask(QUERY, field="status", value="Open")).status_code == 403


async def test_only_who_manages_integrations_makes_tokens(
    house: House, ann: Actor, operator: Actor, crm: Crm
) -> None:
    async def makes(by: Actor, **given: object) -> None:
        async with house.acting(by) as act:
            await create_token(act, name="x", **given)  # type: ignore[arg-type]

    with pytest.raises(Forbidden):
        await makes(ann)
    for wrong in ({"kind": TokenKind.EXTERNAL}, {"customer_id": crm.contact.id}):
        with pytest.raises(Invalid):
            await makes(operator, **wrong)
