"""Who administers: signed in as at the desk, and brought back here afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass

from litestar import Response

from nowserving.actions.sign_in import SignedIn
from nowserving.kit.http import AnyRequest
from nowserving.people.staff import UnknownCaller
from nowserving.web.desk.session import SIGN_IN, form_of, go
from nowserving.web.pages import Page, sorry

HOME = "/office"


@dataclass(frozen=True, slots=True)
class Entered:
    """What a person has entered and sent; a name may stand there several times."""

    fields: Mapping[str, list[str]]

    def __getitem__(self, name: str) -> str:
        """The first value with this name, or nothing."""
        return next(iter(self.fields.get(name, ())), "")

    def all(self, name: str) -> list[str]:
        """Every value with this name."""
        return list(self.fields.get(name, ()))


async def entered(request: AnyRequest, here: SignedIn) -> Entered:
    """A form that was sent from one of our own pages; Forbidden if it was not."""
    await form_of(request, here)
    sent = await request.form()
    fields: dict[str, list[str]] = {}
    for name, value in sent.multi_items():
        if isinstance(value, str):
            fields.setdefault(name, []).append(value)
    return Entered(fields)


def refused(request: AnyRequest, failure: Exception) -> Page | Response[None]:
    """Send strangers to the sign-in page and then back; others are told what went wrong."""
    if isinstance(failure, UnknownCaller):
        return go(SIGN_IN, next=request.url.path if request.method == "GET" else HOME)
    return sorry(request, failure)
