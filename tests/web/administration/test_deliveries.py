"""Deliveries in plain HTML: found, looked into, told again; nothing needs a script."""

import re

import httpx
import pytest

from nowserving.actions.erase import erase_case
from nowserving.actions.sample import Sample
from nowserving.kit.signatures import cubu_signature, standard_signature
from nowserving.people.actor import system
from nowserving.store.store import Store
from tests.journal.facts import until
from tests.web.administration.rig import Webhooks
from tests.web.desk.rig import Desk
from tests.web.office import Office


async def test_what_was_told_is_found_and_shown(
    eve: Desk, webhooks: Webhooks, office: Office
) -> None:
    webhooks.far.answer = lambda post: "500 Oops" if len(webhooks.far.posts) == 1 else "200 OK"
    endpoint = await webhooks.add()
    queued = await office.join()
    attempts = await webhooks.until_tried(1)
    page = await eve.get("/office/deliveries")
    assert page.status_code == 200
    assert "Took a number" in page.text
    assert "Reports" in page.text
    found = f"/office/deliveries/{endpoint.id}/{attempts[-1].id}"
    assert found in page.text
    for query, there in (
        ("outcome=failed", True),
        ("status=500", True),
        ("status=404", False),
        (f"case={queued.case.id}", True),
        (f"fact={attempts[-1].fact_id}", True),
        (f"fact={queued.case.id}", False),
        (f"endpoint={endpoint.id}&kind=case.queued", True),
        ("kind=case.closed", False),
        ("since=2999-01-01T00:00", False),
    ):
        page = await eve.get(f"/office/deliveries?{query}")
        assert (found in page.text) is there, query
    shown = (await eve.get(found)).text
    assert "Webhook-Id: " in shown
    assert "Authorization: HMAC " in shown
    assert str(queued.case.id) in shown
    assert "sesame" not in shown


async def test_one_delivery_is_told_once_more(
    eve: Desk, webhooks: Webhooks, office: Office
) -> None:
    endpoint = await webhooks.add()
    await office.join()
    [attempt] = await webhooks.until_tried(1)
    asked = await eve.post(f"/office/deliveries/{endpoint.id}/{attempt.id}", do="replay")
    assert asked.status_code == 303
    await until(lambda: len(webhooks.far.posts) == 2)
    assert webhooks.far.posts[1].headers["webhook-replay"] == "true"
    await webhooks.until_tried(2)
    replay = await eve.get(asked.headers["location"])
    assert "One fact" in replay.text


async def test_everything_within_a_time_is_told_again(
    eve: Desk, webhooks: Webhooks, office: Office
) -> None:
    endpoint = await webhooks.add()
    for _ in range(3):
        await office.join()
    await webhooks.until_tried(3)
    asked = await eve.post(
        "/office/replays", endpoint=str(endpoint.id), what="all", since="2020-01-01T00:00", until=""
    )
    assert asked.status_code == 303
    await until(lambda: len(webhooks.far.posts) == 6)

    async def is_done() -> bool:
        return ">Done<" in (await eve.get(asked.headers["location"])).text

    await until(is_done)
    part = await eve.get(asked.headers["location"], **{"x-fragment": "1"})
    assert part.text.startswith('<section id="replay"')
    assert "data-going" not in part.text


async def test_who_says_too_little_is_told_what_is_missing(eve: Desk, webhooks: Webhooks) -> None:
    endpoint = await webhooks.add()
    answer = await eve.post("/office/replays", endpoint=str(endpoint.id), what="all", since="")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    answer = await eve.post("/office/replays", endpoint="", what="failed")
    assert answer.status_code == 400


async def test_a_replay_is_canceled(eve: Desk, webhooks: Webhooks, office: Office) -> None:
    endpoint = await webhooks.add()
    await office.join()
    await webhooks.until_tried(1)
    webhooks.far.answer = lambda post: "503 Later"
    asked = await eve.post(
        "/office/replays", endpoint=str(endpoint.id), what="all", since="2020-01-01T00:00"
    )
    address = asked.headers["location"]
    assert (await eve.post(f"{address}/cancel")).status_code == 303
    assert ">Canceled<" in (await eve.get(address)).text
    assert (await eve.post(f"{address}/cancel")).status_code == 409


async def test_a_trial_shows_what_came_of_it(eve: Desk, webhooks: Webhooks) -> None:
    """Nothing has happened yet: something is made up."""
    endpoint = await webhooks.add()
    asked = await eve.post("/office/replays", endpoint=str(endpoint.id), what="test")
    await webhooks.until_tried(1)
    assert webhooks.far.posts[0].headers["webhook-test"] == "true"

    async def is_done() -> bool:
        return "What was sent and what came back" in (await eve.get(asked.headers["location"])).text

    await until(is_done)


async def test_a_case_that_is_not_taken_is_tried_again_by_hand(
    eve: Desk, webhooks: Webhooks, office: Office
) -> None:
    endpoint = await webhooks.add()
    await webhooks.disable(endpoint.id)
    queued = await office.join()

    async def waits() -> bool:
        async with webhooks.house.engine.reading() as connection:
            lanes = Store(connection, webhooks.branch.organization.id).lanes
            return await lanes.lane(endpoint.id, queued.case.id) is not None

    await until(waits)
    await park(webhooks)
    page = await eve.get("/office/deliveries")
    assert "1 case is not taken" in page.text
    page = await eve.get("/office/deliveries/parked")
    assert f">{queued.case.ticket}<" in page.text
    await webhooks.enable(endpoint.id)
    answer = await eve.post(
        "/office/deliveries/parked", endpoint=str(endpoint.id), subject=str(queued.case.id)
    )
    assert answer.status_code == 303
    await until(lambda: len(webhooks.far.taken) == 1)


async def park(webhooks: Webhooks) -> None:
    """As when all attempts are used up."""
    from sqlalchemy import null, update

    from nowserving.store.engines import Statement
    from nowserving.store.tables import lanes

    async with webhooks.house.engine.writing() as connection:
        await connection.run(Statement(update(lanes).values(due=null())))


async def test_what_was_told_of_a_case_is_erased_with_it(
    webhooks: Webhooks, office: Office, client: httpx.AsyncClient
) -> None:
    await webhooks.add()
    queued = await office.join()
    [attempt] = await webhooks.until_tried(1)

    async def content() -> object:
        async with webhooks.house.engine.reading() as connection:
            deliveries = Store(connection, webhooks.branch.organization.id).deliveries
            return await deliveries.content(attempt)

    assert await content() != (None, b"")
    organization_id = webhooks.branch.organization.id
    async with webhooks.house.acting(system(organization_id, "test")) as act:
        await erase_case(act, case_id=queued.case.id)
    assert (await webhooks.attempts())[-1].response is None
    assert (await content())[0] is None  # type: ignore[index]


async def test_trouble_is_seen_by_those_who_can_do_something(
    eve: Desk, webhooks: Webhooks, branch: Sample, client: httpx.AsyncClient
) -> None:
    endpoint = await webhooks.add()
    banner = "1 endpoint takes nothing of what it is told."
    assert banner not in (await eve.get("/office")).text
    await webhooks.disable(endpoint.id)
    assert banner in (await eve.get("/office")).text
    await eve.sit(branch, 4)
    assert banner in (await eve.get("/desk")).text
    ann = Desk(client)
    await ann.sign_in("ann")
    await ann.sit(branch, 1)
    assert banner not in (await ann.get("/desk")).text


@pytest.mark.parametrize(
    "path",
    [
        "/office/deliveries",
        "/office/deliveries/parked",
        "/office/deliveries/checker",
        "/office/replays",
    ],
)
async def test_nobody_else_gets_in(client: httpx.AsyncClient, branch: Sample, path: str) -> None:
    ann = Desk(client)
    await ann.sign_in("ann")
    assert (await ann.get(path)).status_code == 403
    assert (await ann.post(path)).status_code in (403, 405)


async def test_signatures_are_checked_and_the_secret_is_not_given_back(eve: Desk) -> None:
    body = '{"a": "ü"}\r\n{}'
    ours = standard_signature(
        "whsec_c2VzYW1l",
        id="msg_1",
        timestamp="1700000000",
        body=body.replace("\r\n", "\n").encode(),
    )
    form = {
        "kind": "standard",
        "id": "msg_1",
        "timestamp": "1700000000",
        "body": body,
        "secret": "whsec_c2VzYW1l",
    }

    async def said(**more: str) -> str:
        page = await eve.post("/office/deliveries/checker", **{**form, **more})
        assert page.status_code == 200
        assert "c2VzYW1l" not in page.text
        found = re.search(r'<div id="verdict".*?</div>', page.text, re.DOTALL)
        assert found is not None
        return found[0]

    assert "The signature is right." in await said(signature=f"v1,other {ours}")
    wrong = await said(signature="v1,other")
    assert "The signature is not right." in wrong
    assert ours.partition(",")[2].partition("=")[0] in wrong
    assert "not base64" in await said(secret="whsec_???", signature=ours)
    hmac = cubu_signature("open", b"{}")
    assert "is right" in await said(kind="cubu", body="{}", secret="open", signature=hmac)
    secret = "2NRUswPcapLj8R0hr9BgcG5JETywrrnbs5yGOFtqrOSG1In+lxr3P+vl/Qk="
    iv = "000102030405060708090a0b0c0d0e0f"
    plain = await said(kind="vcc", body=secret, iv=iv, secret="very secret key")
    assert "&#34;ticketId&#34;:21" in plain
    assert "not hexadecimal" in await said(kind="vcc", body=secret, iv="zz", secret="x")
