"""Who is asking: a program, by HTTP Basic or by an API key (reference/qflow.md 2.9; ours)."""

from base64 import b64decode
from uuid import UUID

from nowserving.actions.doorway import doorway
from nowserving.dialects.qflow.prefix import Terms
from nowserving.kit.http import AnyRequest, address_of, header
from nowserving.kit.problems import Forbidden
from nowserving.people.actor import Actor
from nowserving.people.staff import UnknownCaller

KEY_HEADER = b"x-api-key"


def terms_of(request: AnyRequest) -> Terms:
    """What the operator allows."""
    terms: Terms = request.app.state.qflow
    return terms


async def caller(request: AnyRequest) -> Actor:
    """The program a request comes from.

    Raises UnknownCaller without good credentials, TooMany after many bad ones, Forbidden
    from an address that is not registered.
    """
    here = doorway(request)
    try:
        account, client_id, secret = _credentials(request, terms_of(request))
        actor, client = await here.callers.signing(account, client_id, secret)
    except UnknownCaller:
        here.failures.take(address_of(request), here.house.clock())
        raise
    if not client.may_call_from(request.client.host if request.client else ""):
        raise Forbidden(reason="this address is not registered")
    return actor


def _credentials(request: AnyRequest, terms: Terms) -> tuple[str, UUID, str]:
    """Account, client id and secret: `account.client-id.secret` as a key, `account` and
    `client-id.secret` as user and password."""
    key = header(request, KEY_HEADER)
    try:
        if key is not None and terms.api_key:
            account, id, secret = key.strip().rsplit(".", 2)
            return account, UUID(id), secret
        scheme, _, encoded = (header(request, b"authorization") or "").partition(" ")
        if scheme.lower() == "basic" and terms.basic:
            account, _, password = b64decode(encoded.strip(), validate=True).decode().partition(":")
            id, _, secret = password.partition(".")
            return account, UUID(id), secret
    except ValueError:
        raise UnknownCaller() from None
    raise UnknownCaller()
