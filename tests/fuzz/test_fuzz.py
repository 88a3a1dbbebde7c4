"""A short run of `python -m tests.fuzz`: the same calls each time, so that it is quick to mend."""

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as some

from nowserving.dialects.native.contents import OPERATIONS
from nowserving.dialects.qflow.routes import ROUTES
from nowserving.dialects.wolkvox.routes import HANDLERS
from tests.fuzz import qflow, wolkvox
from tests.fuzz.telling import LANGUAGES, answer_to
from tests.fuzz.world import World

QUICKLY = settings(
    max_examples=40 * len(LANGUAGES),
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_every_address_is_among_them() -> None:
    assert set(qflow.BODIES) == {(one.method, one.path) for one in ROUTES if one.method != "GET"}
    assert {path for _, path in wolkvox.CALLS} == {p for one in HANDLERS for p in one.paths}
    assert set(wolkvox.NEEDED) == {p for _, p in wolkvox.CALLS if not p.startswith("/token")}
    assert len(OPERATIONS) > 150  # that each has its requests is asserted where they are made


whatever = given(name=some.sampled_from(sorted(LANGUAGES)), data=some.data())


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@seed(1)
@QUICKLY
@whatever
async def test_whatever_is_sent_the_answer_has_its_form(
    world: World, name: str, data: some.DataObject
) -> None:
    await has_its_form(world, name, data)


@pytest.mark.parametrize("engine_name", ["postgres"])
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@seed(2)  # the other engine is told something else
@QUICKLY
@whatever
async def test_whatever_else_is_sent_the_answer_has_its_form(
    world: World, name: str, data: some.DataObject
) -> None:
    await has_its_form(world, name, data)


async def has_its_form(world: World, name: str, data: some.DataObject) -> None:
    language = LANGUAGES[name]
    call = data.draw(language.calls(world), label=name)
    language.check(call, await answer_to(world, call))
