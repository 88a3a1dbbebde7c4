"""Signing in at the desk, and what happens to those who may not."""

import httpx
import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample, sample
from nowserving.actions.setup import begin
from nowserving.people.actor import Actor
from nowserving.people.staff import LOCKED_AFTER
from tests.web.desk.rig import Desk, at_desk, place, take_numbers


async def test_a_stranger_is_sent_to_the_sign_in_page(client: httpx.AsyncClient) -> None:
    for path in ("/desk", "/desk/place"):
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk/sign-in")
    assert (await client.get("/desk/now", headers={"x-fragment": "1"})).status_code == 401


async def test_the_session_stays_in_a_cookie_no_script_can_read(
    client: httpx.AsyncClient, branch: Sample
) -> None:
    answer = await Desk(client).sign_in("ann")
    kept = answer.headers["set-cookie"].lower()
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    assert "httponly" in kept
    assert "samesite=lax" in kept
    assert "path=/" in kept


async def test_a_wrong_password_is_told_next_to_the_field_and_in_the_title(
    client: httpx.AsyncClient, branch: Sample
) -> None:
    for login in ("ann", "nobody"):
        answer = await Desk(client).sign_in(login, "wrong")
        assert answer.status_code == 401
        assert "<title>Error:" in answer.text
        assert "The name or the password is not right." in answer.text
        assert 'aria-invalid="true" aria-describedby="problem"' in answer.text
        assert "wrong" not in answer.text


async def test_ten_failures_lock_the_account_and_say_so(
    client: httpx.AsyncClient, branch: Sample
) -> None:
    for _ in range(LOCKED_AFTER):
        await Desk(client).sign_in("ann", "wrong")
    answer = await Desk(client).sign_in("ann")
    assert answer.status_code == 429
    assert "this account is locked for a while" in answer.text


async def test_who_tries_too_fast_must_wait(
    client: httpx.AsyncClient, house: House, branch: Sample
) -> None:
    now = house.clock()
    house.clock = lambda: now
    answers = [await Desk(client).sign_in("nobody", "") for _ in range(31)]
    assert [answer.status_code for answer in answers] == [401] * 30 + [429]
    assert "Too many requests; wait a little." in answers[-1].text


async def test_another_site_cannot_sign_somebody_in(
    client: httpx.AsyncClient, branch: Sample
) -> None:
    form = {"login": "ann", "password": "Passw0rd!"}
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = await client.post("/desk/sign-in", data=form, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


async def test_after_signing_out_the_cookie_opens_nothing_and_the_desk_is_free(
    client: httpx.AsyncClient, branch: Sample
) -> None:
    ann = await at_desk(client, branch, "ann", 1)
    kept = dict(ann.cookies)
    assert (await ann.post("/desk/sign-out")).headers["location"] == "/desk/sign-in"
    assert (await Desk(client, cookies=kept).get("/desk")).headers["location"] == "/desk/sign-in"
    await at_desk(client, branch, "bob", 1)


async def test_where_somebody_sits_nobody_else_can(
    client: httpx.AsyncClient, branch: Sample
) -> None:
    await at_desk(client, branch, "ann", 1)
    bob = Desk(client)
    await bob.sign_in("bob")
    unit, desk, workspace = place(branch, 1)
    answer = await bob.post("/desk/place", unit=str(unit), desk=str(desk), workspace=str(workspace))
    assert answer.status_code == 409
    assert "Somebody else sits at this desk." in answer.text
    assert "Ann Example" in answer.text


async def test_the_desk_of_a_colleague_who_has_gone_can_be_taken_over_with_whom_they_served(
    client: httpx.AsyncClient, house: House, branch: Sample, program: Actor
) -> None:
    await take_numbers(house, branch, program, 2)
    ann = await at_desk(client, branch, "ann", 1)
    case_id = (await ann.post("/desk/next")).headers["location"].rpartition("=")[2]
    bob = Desk(client)
    await bob.sign_in("bob")
    unit, desk, workspace = map(str, place(branch, 1))
    taken = await bob.post("/desk/place", unit=unit, desk=desk, workspace=workspace)
    assert f'name="take_over" value="{desk}">Take over Counter 1 from Ann Example' in taken.text
    over = await bob.post("/desk/place", unit=unit, desk=desk, workspace=workspace, take_over=desk)
    assert over.headers["location"] == "/desk"

    assert (await ann.get("/desk")).headers["location"] == "/desk/place"
    assert (await ann.post("/desk/next")).headers["location"] == "/desk/place"
    assert (await ann.post("/desk/next", {"x-fragment": "1"})).status_code == 401
    assert (await bob.post(f"/desk/case/{case_id}/start")).status_code == 303
    assert (await bob.post(f"/desk/case/{case_id}/hold")).status_code == 303
    assert (await bob.post("/desk/next")).status_code == 303


async def test_whoever_signs_out_leaves_nobody_behind_at_a_desk_that_is_stuck(
    client: httpx.AsyncClient, house: House, branch: Sample, program: Actor
) -> None:
    await take_numbers(house, branch, program, 2)
    ann = await at_desk(client, branch, "ann", 1)
    case_id = (await ann.post("/desk/next")).headers["location"].rpartition("=")[2]
    await ann.post("/desk/sign-out")
    elsewhere = await at_desk(client, branch, "bob", 2)
    assert (await elsewhere.post(f"/desk/case/{case_id}/return")).status_code == 409
    bob = await at_desk(client, branch, "bob", 1)
    assert (await bob.post(f"/desk/case/{case_id}/return")).status_code == 303
    assert (await bob.post("/desk/next")).status_code == 303


async def test_a_page_whose_session_has_ended_elsewhere_is_told_so(
    client: httpx.AsyncClient, branch: Sample
) -> None:
    ann = await at_desk(client, branch, "ann", 1)
    kept = Desk(client, cookies=dict(ann.cookies))
    await ann.post("/desk/sign-out")
    assert (await kept.get("/desk/now")).status_code == 401
    assert (await kept.get("/desk/live")).status_code == 401


async def test_with_several_organizations_one_says_which(
    client: httpx.AsyncClient, house: House, branch: Sample
) -> None:
    now = house.clock()
    other = await sample(
        lambda: house.ids(now), now, number=2, slug="other", password=lambda: "Oth3r!pass"
    )
    await begin(house, other.beginning)
    assert 'name="organization"' in (await client.get("/desk/sign-in?at=other")).text
    assert (
        await Desk(client).sign_in("ann", "Oth3r!pass", organization="other")
    ).status_code == 303
    assert (await Desk(client).sign_in("ann", "Oth3r!pass", organization="demo")).status_code == 401
    assert (await Desk(client).sign_in("ann", "Oth3r!pass", organization="none")).status_code == 401


@pytest.mark.parametrize("form", [{"unit": "x"}, {"unit": "0" * 32, "workspace": "0" * 32}])
async def test_a_place_that_does_not_exist_cannot_be_taken(
    client: httpx.AsyncClient, branch: Sample, form: dict[str, str]
) -> None:
    ann = Desk(client)
    await ann.sign_in("ann")
    assert (await ann.post("/desk/place", **form)).status_code == 404
