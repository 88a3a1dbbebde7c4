"""Where this door is, and in which ways one may say who one is: as the operator wants it.

ASP.NET matches addresses in any case. Our own API stands under /api; what is asked for there
comes to this door only if its next word is one of this door's.
"""

from dataclasses import dataclass

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

AT = "/API"
"""Where the framework knows the door, whatever the world calls it."""

WORDS = frozenset(
    {
        "appointments",
        "appointmenttypes",
        "calendars",
        "cancellationreasons",
        "cases",
        "classifications",
        "customers",
        "services",
        "statistics",
        "tickets",
        "units",
    }
)
"""The first words of this door's addresses, in small letters."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The operator's: the prefix, and whether HTTP Basic and API keys are taken."""

    prefix: str = AT
    basic: bool = True
    api_key: bool = True


class AnyCase:
    """Finds this door's prefix in any case, and leaves all other addresses as they are."""

    def __init__(self, app: ASGIApp, terms: Terms) -> None:
        self._app = app
        self._prefix = terms.prefix
        self._folded = f"{terms.prefix.lower()}/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the framework see the address as it knows it."""
        if scope["type"] == ScopeType.HTTP and scope["path"].lower().startswith(self._folded):
            path = scope["path"]
            rest = path[len(self._folded) - 1 :]
            exact = path.startswith(f"{self._prefix}/")
            if exact or rest[1:].partition("/")[0].lower() in WORDS:
                scope["path"] = f"{AT}{rest}"
                scope["raw_path"] = scope["path"].encode()
        await self._app(scope, receive, send)
