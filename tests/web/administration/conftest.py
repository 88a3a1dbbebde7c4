"""Administration, for tests of its pages."""

from collections.abc import AsyncIterator

import httpx
import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from tests.hooks.far import far_end
from tests.web.administration.rig import Webhooks
from tests.web.desk.rig import Desk


@pytest.fixture
async def webhooks(house: House, branch: Sample) -> AsyncIterator[Webhooks]:
    """Where the sample branch tells what happens."""
    async with far_end() as far:
        yield Webhooks(house, branch, far)


@pytest.fixture
async def eve(client: httpx.AsyncClient, branch: Sample) -> Desk:
    """Eve, who may do everything, by plain HTTP."""
    desk = Desk(client)
    assert (await desk.sign_in("eve")).status_code == 303
    return desk
