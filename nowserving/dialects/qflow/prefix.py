"""Where this door is, and in which ways one may say who one is: as the operator wants it.

ASP.NET matches addresses in any case. Our own API stands under /api; what is asked for there
comes to this door only if its next word is one of this door's.
"""

from dataclasses import dataclass
from functools import cached_property

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


@dataclass(frozen=True)
class Terms:
    """The operator's: the prefix, and whether HTTP Basic and API keys are taken."""

    prefix: str = AT
    basic: bool = True
    api_key: bool = True

    @cached_property
    def folded(self) -> str:
        """The prefix in small letters, with the slash after it."""
        return f"{self.prefix.lower()}/"


class AnyCase:
    """Finds this door's prefix in any case, and leaves all other addresses as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the framework see the address as it knows it."""
        if scope["type"] == ScopeType.HTTP:
            terms: Terms = scope["litestar_app"].state.qflow
            path = scope["path"]
            if path.lower().startswith(terms.folded):
                rest = path[len(terms.folded) - 1 :]
                exact = path.startswith(f"{terms.prefix}/")
                if exact or rest[1:].partition("/")[0].lower() in WORDS:
                    scope["path"] = f"{AT}{rest}"
                    scope["raw_path"] = scope["path"].encode()
        await self._app(scope, receive, send)
