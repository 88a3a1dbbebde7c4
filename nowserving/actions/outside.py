"""The world that hears of us, as far as actions must know it: its languages, where we may go.

The dialects say what can be set in their language, the guard says which addresses there are
for us; whoever opens the house brings both together (`main/outside.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from nowserving.kit.problems import Invalid

HMAC, NONE = "hmac", "none"
"""How an endpoint knows that it is us: by a signature, or not at all."""


@dataclass(frozen=True, slots=True)
class Language:
    """What can be set of an endpoint in one wire language.

    `kinds`: the facts it has words for; `usual` are those an endpoint is told unless somebody
    chooses. `settings` answers them complete, or raises Invalid. `made` makes a
    secret, `known` answers one that somebody brings, or raises Invalid. `needs_secret`: does
    an endpoint with this authorization and these settings have one? `two_signatures`: can both
    secrets sign while one rolls? `asks`: can it ask an endpoint whether it wants to be told?
    `differences`: does it tell of a case only what changed, after the first fact?
    `url` answers an address as this language takes it, or raises Invalid.
    `reserved`: names of headers, in small letters, that are the language's own; `webhook-*`
    for all that begin so.
    """

    name: str
    kinds: frozenset[str]
    usual: tuple[str, ...]
    authorizations: tuple[str, ...]
    settings: Callable[[Mapping[str, Any]], dict[str, Any]]
    made: Callable[[], str]
    known: Callable[[str], str]
    needs_secret: Callable[[str, Mapping[str, Any]], bool]
    two_signatures: bool = False
    asks: bool = False
    differences: bool = False
    url: Callable[[str], str] = str
    reserved: frozenset[str] = field(default=frozenset())


class CheckUrl(Protocol):
    """Looks at an address as the guard will."""

    def __call__(self, url: str, *, trusted: bool) -> None:
        """Invalid, with the reason, if nobody may be told there.

        `trusted`: the operator named it, so only its form matters.
        """


def _nowhere(url: str, *, trusted: bool) -> None:
    raise Invalid(field="url", reason="this process does not know where it may go")


@dataclass(frozen=True, slots=True)
class Outside:
    """The languages by name, and where we may go. Without being told, nowhere."""

    languages: Mapping[str, Language] = field(default_factory=dict)
    check_url: CheckUrl = _nowhere

    def language(self, name: str) -> Language:
        """A language by its name; Invalid if we do not speak it."""
        if name not in self.languages:
            known = ", ".join(sorted(self.languages))
            raise Invalid(field="dialect", reason=f"one of {known}")
        return self.languages[name]
