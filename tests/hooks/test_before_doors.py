"""What a hook says, at the doors: programs, the desk, the kiosk, and a hook that calls back."""

import asyncio
from typing import Any

import httpx
import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.kit.problems import Problem
from nowserving.places.hooks import HookKind, HookRefused, OnFailure
from nowserving.web import words
from nowserving.web.speech import speech
from tests.dialects.native.conftest import agent_of, program_of
from tests.hooks.asked import add_hook, asked_far
from tests.hooks.far import Post
from tests.web.desk.rig import at_desk

REFUSAL = {"allow": False, "message": {"en": "Not today.", "de": "Heute nicht."}}


async def test_a_program_is_told_why(
    client: httpx.AsyncClient, house: House, branch: Sample
) -> None:
    api = await program_of(client, branch)
    async with asked_far(lambda post: REFUSAL) as far:
        await add_hook(house, branch.organization.id, HookKind.QUEUE_UP, far.url)
        refused = await api.post("/cases", {"service_number": 2}, expect=409)
    assert (refused["type"], refused["detail"]) == ("/api/v1/docs#hook-refused", "Not today.")
    assert refused["details"]["texts"]["de"] == "Heute nicht."


async def test_a_program_is_told_to_come_again_while_nobody_can_agree(
    client: httpx.AsyncClient, house: House, branch: Sample
) -> None:
    api = await program_of(client, branch)
    async with asked_far(lambda post: 500) as far:
        await add_hook(
            house,
            branch.organization.id,
            HookKind.QUEUE_UP,
            far.url,
            on_failure=OnFailure.DENY,
        )
        answer = await api.ask("POST", "/cases", {"service_number": 2}, expect=503)
    assert answer.headers["retry-after"] == "5"


async def test_a_kiosk_shows_why_in_its_language(
    client: httpx.AsyncClient, house: House, branch: Sample
) -> None:
    async with asked_far(lambda post: REFUSAL) as far:
        await add_hook(house, branch.organization.id, HookKind.QUEUE_UP, far.url)
        for language, said in (("de-DE", "Heute nicht."), ("en-US", "Not today.")):
            answer = await client.post(
                "/kiosk/demo/1", data={"service": "1", "language": language, "key": language}
            )
            assert answer.status_code == 409
            assert said in answer.text


async def test_a_desk_shows_why(client: httpx.AsyncClient, house: House, branch: Sample) -> None:
    api = await program_of(client, branch)
    case = (await api.post("/cases", {"service_number": 1}, expect=201))["case"]
    async with asked_far(lambda post: {"allow": False, "message": "Pay first."}) as far:
        await add_hook(house, branch.organization.id, HookKind.RESOLVE, far.url)
        refused = await api.post(f"/cases/{case['id']}/resolve", expect=409)
        assert refused["detail"] == "Pay first."
        ann = await at_desk(client, branch, "ann", 1)
        page = await ann.post(f"/desk/case/{case['id']}/resolve", outcome="", solution="")
    assert "Pay first." in page.text
    assert "Ask whoever runs that system" in page.text
    assert (await api.get(f"/cases/{case['id']}"))["case"]["state"] == "waiting"


def test_words_of_a_refusal_are_those_of_the_hook() -> None:
    problem: Problem = HookRefused(reason="Not today.", texts=REFUSAL["message"])
    assert words.problem(speech("de"), problem) == "Heute nicht."
    assert words.problem(speech("ar"), problem) == "Not today."
    assert words.problem(speech("de"), HookRefused()).startswith("Ein angeschlossenes System")


@pytest.mark.parametrize("passes_on", [True, False])
async def test_a_hook_may_ask_us_something_before_it_answers(
    served: str, house: House, branch: Sample, passes_on: bool
) -> None:
    """It looks, and it lets somebody else join a line; of that it is not asked again."""
    nested: list[Any] = []

    async def calling_back(post: Post) -> Any:
        if nested:
            return None  # asked because of ourselves: it did not say so
        nested.append(None)
        headers = {"Nowserving-Within": post.headers["Nowserving-Within"]} if passes_on else {}
        async with httpx.AsyncClient(base_url=served, headers=headers) as asking:
            api = await program_of(asking, branch)
            await api.get("/services")
            answer = await api.asking.post(
                "/api/v1/cases",
                json={"service_number": 1},
                headers={"Authorization": f"Bearer {api.token}"},
            )
        nested[0] = answer.status_code
        return {"changes": {"name": "Grace"}}

    async with asked_far(calling_back) as far, httpx.AsyncClient(base_url=served) as asking:
        await add_hook(
            house,
            branch.organization.id,
            HookKind.QUEUE_UP,
            far.url,
            milliseconds=5000,
        )
        api = await program_of(asking, branch)
        taken = await api.post("/cases", {"service_number": 2}, expect=201)
        file = await api.get(f"/cases/{taken['case']['id']}")
    assert nested == [201]
    assert file["contact"]["name"] == "Grace"
    assert len(far.posts) == (1 if passes_on else 2)


async def test_who_only_says_so_is_asked_about_all_the_same(
    client: httpx.AsyncClient, house: House, branch: Sample
) -> None:
    api = await program_of(client, branch)
    async with asked_far(lambda post: REFUSAL) as far:
        await add_hook(house, branch.organization.id, HookKind.QUEUE_UP, far.url)
        for claim in ({"Nowserving-Depth": "1"}, {"Nowserving-Within": "gAAAAAB"}):
            await api.ask("POST", "/cases", {"service_number": 2}, headers=claim, expect=409)
    assert len(far.posts) == 2


async def test_who_has_to_agree_cannot_be_passed_over_from_within(
    served: str, house: House, branch: Sample
) -> None:
    async def calling_back(post: Post) -> Any:
        headers = {"Nowserving-Within": post.headers["Nowserving-Within"]}
        async with httpx.AsyncClient(base_url=served, headers=headers) as asking:
            api = await program_of(asking, branch)
            await api.post("/cases", {"service_number": 1}, expect=503)

    async with asked_far(calling_back) as far, httpx.AsyncClient(base_url=served) as asking:
        await add_hook(
            house,
            branch.organization.id,
            HookKind.QUEUE_UP,
            far.url,
            milliseconds=5000,
            on_failure=OnFailure.DENY,
        )
        api = await program_of(asking, branch)
        await api.post("/cases", {"service_number": 2}, expect=201)


async def test_a_caller_who_leaves_takes_the_question_along(
    house: House, branch: Sample, client: httpx.AsyncClient
) -> None:
    api = await program_of(client, branch)
    go = asyncio.Event()

    async def slowly(post: Post) -> None:
        await go.wait()

    async with asked_far(slowly) as far:
        await add_hook(house, branch.organization.id, HookKind.QUEUE_UP, far.url, milliseconds=5000)
        leaving = asyncio.create_task(api.post("/cases", {"service_number": 2}, expect=201))
        await far.until(1)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        go.set()
        taken = await api.post("/cases", {"service_number": 2}, expect=201)
    assert taken["case"]["ticket"] == "B1"


async def test_agents_can_set_up_hooks_if_they_may(
    client: httpx.AsyncClient, branch: Sample
) -> None:
    ann, eve = await agent_of(client, branch), await agent_of(client, branch, "eve")
    await ann.ask("GET", "/hooks", expect=403)
    assert await eve.get("/hooks") == {"hooks": []}
