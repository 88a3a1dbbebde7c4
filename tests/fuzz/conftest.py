"""A world for the tests: everything of every language in the house of the test."""

import httpx
import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.main.watching import Watching
from tests.fuzz.world import World, open_world


@pytest.fixture
async def world(house: House, app: Watching, client: httpx.AsyncClient, branch: Sample) -> World:
    """The sample branch, and clients of every language that know their way."""
    return await open_world(house, app, client, branch)
