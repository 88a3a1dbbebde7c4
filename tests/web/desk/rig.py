"""An agent at a desk, by plain HTTP: forms are sent as a browser without scripts sends them."""

import re
from dataclasses import dataclass, field
from uuid import UUID

import httpx

from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.cases.admission import Request
from nowserving.cases.case import Case
from nowserving.people.actor import Actor

PASSWORD = "Passw0rd!"


@dataclass
class Desk:
    """One browser, one agent."""

    client: httpx.AsyncClient
    csrf: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Look at a page."""
        return await self._ask("GET", path, None, headers)

    async def post(
        self, path: str, headers: dict[str, str] | None = None, /, **form: str
    ) -> httpx.Response:
        """Send a form of one of our pages."""
        return await self._ask("POST", path, {"csrf": self.csrf, **form}, headers or {})

    async def sign_in(self, login: str, password: str = PASSWORD, **form: str) -> httpx.Response:
        """Sign in, and read the token that our forms carry."""
        answer = await self.post("/desk/sign-in", login=login, password=password, **form)
        if answer.status_code == 303:
            found = re.search(r'name="csrf" value="([^"]+)"', (await self.get("/desk/place")).text)
            assert found is not None
            self.csrf = found[1]
        return answer

    async def sit(self, branch: Sample, counter: int = 1) -> "Desk":
        """Sit down at a counter and serve everybody."""
        unit, desk, workspace = place(branch, counter)
        answer = await self.post(
            "/desk/place", unit=str(unit), desk=str(desk), workspace=str(workspace)
        )
        assert answer.headers["location"] == "/desk", answer.text
        return self

    async def _ask(
        self, method: str, path: str, form: dict[str, str] | None, headers: dict[str, str]
    ) -> httpx.Response:
        self.client.cookies.clear()
        if self.cookies:
            headers |= {"cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items())}
        answer = await self.client.request(method, path, data=form, headers=headers)
        self.cookies |= dict(answer.cookies)
        return answer


def place(branch: Sample, counter: int) -> tuple[UUID, UUID, UUID]:
    """A unit, one of its desks, and the workspace of everybody, in the sample."""
    things = {type(thing).__name__: thing for thing in reversed(branch.beginning.places)}
    desks = [t for t in branch.beginning.places if type(t).__name__ == "Desk"]
    ids = (things["Unit"], desks[counter - 1], things["Workspace"])
    return tuple(thing.id for thing in ids)


async def at_desk(client: httpx.AsyncClient, branch: Sample, login: str, counter: int) -> Desk:
    """Somebody signed in and seated."""
    desk = Desk(client)
    assert (await desk.sign_in(login)).status_code == 303
    return await desk.sit(branch, counter)


async def take_numbers(
    house: House, branch: Sample, program: Actor, count: int, *, service: int = 2
) -> list[Case]:
    """So many people take a number for a service."""
    directory = await house.directory(branch.organization.id)
    wanted = directory.services_of(directory.unit_numbered(1).id)[service - 1]
    taken = []
    for _ in range(count):
        async with house.acting(program) as act:
            taken.append((await queue_up(act, Request(service_id=wanted.id))).case)
    return taken
