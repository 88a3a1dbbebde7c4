"""The office, for tests of screens."""

import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.people.actor import Actor
from tests.web.office import Office


@pytest.fixture
def office(house: House, branch: Sample, ann: Actor, program: Actor) -> Office:
    """The sample branch at work."""
    return Office(house, branch, ann, program)
