"""Who is at the desk: the cookie, the forms, and the way to the sign-in page."""

from dataclasses import dataclass
from hmac import compare_digest
from urllib.parse import urlencode

import msgspec
from litestar import Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

from nowserving.actions.doorway import doorway
from nowserving.actions.replies import Once, once
from nowserving.actions.sign_in import SignedIn, signed_in
from nowserving.kit.http import AnyRequest
from nowserving.kit.problems import Forbidden, Problem
from nowserving.people.staff import AGE_AT_MOST, UnknownCaller
from nowserving.web.pages import Page, same_origin, sorry

SIGN_IN = "/desk/sign-in"
PLACE = "/desk/place"
LIVING = ("/desk/now", "/desk/live")
"""What only the page's own module asks for."""


class NoPlaceYet(Problem):
    """Choose where you sit first."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a person has entered and sent."""

    fields: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")


async def who(request: AnyRequest) -> SignedIn:
    """Whoever sent this request; UnknownCaller if they must sign in first."""
    return await signed_in(doorway(request).house, secret_of(request))


async def form_of(request: AnyRequest, here: SignedIn | None) -> Form:
    """A form that was sent from one of our own pages; Forbidden if it was not."""
    same_origin(request)
    sent = await request.form()
    form = Form({name: value for name, value in sent.items() if isinstance(value, str)})
    if here is not None and not compare_digest(form["csrf"].encode(), here.session.csrf.encode()):
        raise Forbidden(reason="not sent from our own page")
    return form


def key_of(request: AnyRequest, form: Form) -> Once | None:
    """What makes a second press of the same button the same; without a key it is another."""
    key = request.headers.get("idempotency-key") or form["key"] or None
    asked = sorted((n, v) for n, v in form.fields.items() if n not in ("csrf", "key", "draft"))
    return once(key, request.url.path, msgspec.json.encode(asked))


def wants_part(request: AnyRequest) -> bool:
    """Does the page's own module ask, and not a browser that wants a whole page?"""
    return request.headers.get("x-fragment") == "1" or request.url.path in LIVING


def secret_of(request: AnyRequest) -> str | None:
    """The session's token in the browser's cookie."""
    return request.cookies.get(cookie_name(request))


def cookie(request: AnyRequest, secret: str) -> Cookie:
    """The cookie that keeps a browser signed in."""
    return Cookie(
        cookie_name(request),
        value=secret,
        path="/",
        max_age=int(AGE_AT_MOST.total_seconds()),
        secure=doorway(request).secure,
        httponly=True,
        samesite="lax",
    )


def cookie_name(request: AnyRequest) -> str:
    """Over https a name that a browser takes from this very host only."""
    return "__Host-nowserving" if doorway(request).secure else "nowserving"


def go(path: str, *cookies: Cookie, **query: str) -> Response[None]:
    """Look there next."""
    address = f"{path}?{urlencode(query)}" if query else path
    headers = {"Cache-Control": "no-store"}
    return Redirect(address, status_code=303, cookies=list(cookies), headers=headers)


def refused(request: AnyRequest, failure: Exception) -> Page | Response[None]:
    """Send strangers to the sign-in page; everybody else is told what went wrong."""
    if isinstance(failure, UnknownCaller | NoPlaceYet):
        if wants_part(request):
            return Response(None, status_code=401)
        return go(SIGN_IN if isinstance(failure, UnknownCaller) else PLACE)
    return sorry(request, failure)
