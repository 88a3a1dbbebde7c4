"""Where bodies come in: in each language, the door at which somebody joins a line."""

import json
from dataclasses import dataclass
from typing import Any

from nowserving.dialects.wolkvox.routes import PREFIX
from tests.fuzz.odd_json import Odd
from tests.fuzz.pieces import Call
from tests.fuzz.world import World

REFUSED = (400, 413, 417, 422)


@dataclass(frozen=True)
class Door:
    """Where somebody joins a line or opens a case in a language.

    `member` holds a text, or else what is most like one.
    """

    path: str
    headers: dict[str, str]
    good: dict[str, Any]
    member: str

    def call(self, content: bytes) -> Call:
        """A call with this body."""
        return Call("POST", self.path, content, self.headers, self.path)

    def told(self, odd: Odd) -> Call:
        """The call in which a case stands."""
        if odd.whole:
            return self.call(odd.text)
        name = "x" if odd.refused else self.member
        rest = {key: value for key, value in self.good.items() if key != name}
        return self.call(
            json.dumps(rest).encode()[:-1] + b', "%b": %b}' % (name.encode(), odd.text)
        )


def doors(world: World) -> dict[str, Door]:
    """One for each language."""
    cubu = world.cubu
    service = cubu.services[0]
    as_json = {"Content-Type": "application/json"}
    return {
        "cubu": Door(
            cubu.address(service.id), cubu.headers, {**cubu.body(service), "y": 1}, "contactEmail"
        ),
        "qflow": Door(
            "/API/Cases", {"X-API-Key": world.qflow.key, **as_json}, {"ServiceId": 1}, "Notes"
        ),
        "vcc": Door(
            "/v2/projects/2/records",
            {"Authorization": f"Basic {world.vcc.basic}"},
            {"form": {"name": "Ada"}, "premium": 1},
            "form",
        ),
        "wolkvox": Door(
            f"{PREFIX}/cases/insert.php",
            {"Wolkvox-Token": world.crm.token, **as_json},
            world.crm.case,
            "description",
        ),
        "native": Door(
            "/api/v1/cases",
            {"Authorization": f"Bearer {world.native.token}"},
            {"service_number": 1},
            "name",
        ),
    }
