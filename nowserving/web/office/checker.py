"""The signature checker: for whoever looks for the mistake in a receiver. It keeps nothing."""

from dataclasses import dataclass

from litestar import get, post

from nowserving.kit.http import AnyRequest
from nowserving.kit.signatures import (
    CannotRead,
    cubu_signature,
    same_signature,
    standard_signature,
    vcc_decrypted,
)
from nowserving.people.permissions import Permission
from nowserving.web.desk.session import Form, form_of
from nowserving.web.office.frame import office_page, who_may
from nowserving.web.pages import Page
from nowserving.web.words import N_

KINDS = {
    "standard": N_("Native: Standard Webhooks"),
    "cubu": N_("Cubu: HMAC of the body"),
    "vcc": N_("VCC Live: decrypt the body"),
}
WRONG = {
    "secret": N_("The secret is not base64. It begins with whsec_ and is copied whole."),
    "iv": N_("The initialization vector is not hexadecimal."),
    "body": N_("The body cannot be decrypted: it is not base64, or the key is another one."),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it: `fits`, what was `expected`, the `plain` text, or what is `wrong`."""

    fits: bool | None = None
    expected: str = ""
    plain: str = ""
    wrong: str = ""


@get("/deliveries/checker")
async def show(request: AnyRequest) -> Page:
    """The empty form."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    form = Form({"kind": request.query_params.get("kind", "standard")})
    return await office_page(
        request, "office/checker.html", here, form=form, kinds=KINDS, verdict=None
    )


@post("/deliveries/checker", status_code=200)
async def check(request: AnyRequest) -> Page:
    """Work it out. The secret is not given back with the page."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    form = await form_of(request, here)
    verdict = _verdict(form)
    kept = Form({name: value for name, value in form.fields.items() if name != "secret"})
    return await office_page(
        request, "office/checker.html", here, form=kept, kinds=KINDS, verdict=verdict
    )


ROUTES = [show, check]


def _verdict(form: Form) -> Verdict:
    # A browser sends line breaks as CR LF; what we sign has none of its own making.
    body = form["body"].replace("\r\n", "\n")
    try:
        if form["kind"] == "vcc":
            plain = vcc_decrypted(form["secret"], iv=form["iv"], body=body)
            return Verdict(plain=plain.decode(errors="replace"))
        if form["kind"] == "cubu":
            expected = cubu_signature(form["secret"], body.encode())
        else:
            expected = standard_signature(
                form["secret"], id=form["id"], timestamp=form["timestamp"], body=body.encode()
            )
    except CannotRead as wrong:
        return Verdict(wrong=WRONG[str(wrong)])
    return Verdict(same_signature(expected, form["signature"]), expected)
