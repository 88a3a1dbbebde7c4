"""Who is asking: a program, by HTTP Basic, from an address it was registered with."""

from base64 import b64decode
from uuid import UUID

from nowserving.actions.doorway import doorway
from nowserving.kit.http import AnyRequest, address_of, header
from nowserving.kit.problems import Forbidden
from nowserving.people.actor import Actor
from nowserving.people.staff import UnknownCaller


async def caller(request: AnyRequest) -> Actor:
    """The program a request comes from; the account is its organization's name in addresses.

    Raises UnknownCaller without good credentials, TooMany after many bad ones, Forbidden
    from an address that is not registered.
    """
    here = doorway(request)
    try:
        account, client_id, secret = _credentials(request)
        actor, client = await here.callers.signing(account, client_id, secret)
    except UnknownCaller:
        here.failures.take(address_of(request), here.house.clock())
        raise
    if not client.may_call_from(request.client.host if request.client else ""):
        raise Forbidden(reason="this address is not registered")
    return actor


def _credentials(request: AnyRequest) -> tuple[str, UUID, str]:
    """Account, client id and secret: `account:client-id.secret`, as Basic has them."""
    scheme, _, encoded = (header(request, b"authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        raise UnknownCaller()
    try:
        account, _, password = b64decode(encoded.strip(), validate=True).decode().partition(":")
        id, _, secret = password.partition(".")
        return account, UUID(id), secret
    except ValueError:
        raise UnknownCaller() from None
