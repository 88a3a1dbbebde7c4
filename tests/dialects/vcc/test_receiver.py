"""A receiver written in PHP, as VCC Live's customers have it, hears of a visit."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nowserving.actions import desk
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.dialects.vcc.endpoints import NAME
from nowserving.dialects.vcc.hooks import Tell
from nowserving.dialects.vcc.retries import EXACT
from nowserving.journal.telling import Policy
from nowserving.people.actor import Actor
from nowserving.places.endpoints import Endpoint
from nowserving.places.services import Service
from nowserving.store.store import Store
from tests.dialects.vcc.conftest import KEY, a_ticket, an_endpoint
from tests.hooks.sending import Room
from tests.journal.facts import until
from tests.rig.interpreters import served_by_php

RECEIVER = Path(__file__).parent / "receiver.php"


@pytest.mark.parametrize(
    ("path", "settings"),
    [
        ("/r?iv=${iv}", {"encrypt": "aes-256-ctr"}),
        ("/r?iv=${iv}", {"encrypt": "aes-256-cbc", "method": "PUT"}),
        ("/r", {"encrypt": "aes-256-ctr"}),
        ("/r?secret-key=xxxx", {}),
        ("/r?secret-key=xxxx", {"method": "PUT"}),
        ("/r?secret-key=xxxx", {"method": "GET"}),
    ],
    ids=["ctr", "cbc put", "empty iv", "plain", "put", "get"],
)
async def test_it_hears_of_a_visit(  # noqa: PLR0917
    house: House,
    branch: Sample,
    ann: Actor,
    papers: Service,
    tmp_path: Path,
    path: str,
    settings: dict[str, Any],
) -> None:
    heard = await a_visit(house, branch, ann, papers, tmp_path, path=path, **settings)
    assert [(one["said"]["action"], one["status"]) for one in heard] == [
        ("add", 200),
        ("update", 200),
        ("update", 200),
    ]
    assert {one["method"] for one in heard} == {settings.get("method", "POST")}
    assert heard[0]["said"]["ticket"]["projectName"] == "Passports and identity cards"
    assert heard[1]["said"]["ticket"]["agentUserName"] == "ann"
    assert heard[2]["said"]["ticket"]["subStatus"] == "successful"


async def test_what_it_did_not_take_comes_again_and_nothing_before_it(
    house: House, branch: Sample, ann: Actor, papers: Service, tmp_path: Path
) -> None:
    heard = await a_visit(
        house, branch, ann, papers, tmp_path, path="/r?iv=${iv}", encrypt="aes-256-ctr", fail=2
    )
    assert [one["status"] for one in heard] == [500, 500, 200, 200, 200]
    assert heard[0]["said"] == heard[1]["said"] == heard[2]["said"]
    assert len({one["query"]["iv"] for one in heard}) == 5


def at_once(_: Endpoint) -> Policy:
    """The patience of VCC Live, but for the minutes it waits."""
    return replace(EXACT, waits=(0.1,) * len(EXACT.waits))


async def a_visit(
    house: House,
    branch: Sample,
    ann: Actor,
    papers: Service,
    folder: Path,
    *,
    path: str,
    fail: int = 0,
    **settings: Any,
) -> list[Any]:
    """What the receiver wrote down of somebody who came, was called and served."""
    log = folder / "heard"
    environment = {"LOG": str(log), "FAIL": str(fail)}
    if "encrypt" in settings:
        environment |= {"KEY": KEY, "CIPHER": settings["encrypt"]}

    def heard() -> list[Any]:
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    async with (
        served_by_php(RECEIVER, environment) as address,
        Room(house.engine, {NAME: Tell(os.urandom)}, policies={NAME: at_once}) as room,
    ):
        house.on_commit = room.router.wake
        endpoint = an_endpoint(house, branch, f"{address}{path}", **settings)
        async with house.engine.writing() as connection:
            await Store(connection, branch.organization.id).endpoints.add(endpoint)
        case = await a_ticket(house, ann, papers)
        async with house.acting(ann) as act:
            await desk.call(act, case_id=case.id, desk_id=None)
        async with house.acting(ann) as act:
            await desk.resolve(act, case_id=case.id)
        await until(lambda: [one["status"] for one in heard()].count(200) == 3)
    return heard()
