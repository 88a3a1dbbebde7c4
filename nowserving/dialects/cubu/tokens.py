"""Access tokens: OAuth 2.0 client credentials, at the address and in the form of Entra ID."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus
from uuid import UUID

from litestar import Response, post

from nowserving.actions.doorway import doorway
from nowserving.actions.sign_in import issue_token
from nowserving.dialects.cubu.failures import explained, for_all
from nowserving.dialects.cubu.wire import guid
from nowserving.kit.http import AnyRequest, address_of, body_of
from nowserving.kit.problems import Invalid, NotFound, Problem, TooMany
from nowserving.people.staff import UnknownCaller

FIELDS_AT_MOST = 50
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_ERROR_OF: Mapping[type[Problem], str] = {
    UnknownCaller: "invalid_client",
    TooMany: "temporarily_unavailable",
}


def refuse_token(request: AnyRequest, failure: Exception) -> Response[dict[str, str]]:
    """What went wrong, in the words of RFC 6749, section 5.2."""
    why = explained(failure)
    error = "server_error"
    if why.problem is not None:
        given = str(why.problem.details.get("error", "invalid_request"))
        error = _ERROR_OF.get(type(why.problem), given)
    headers = {**why.headers, **_NO_STORE}
    if "WWW-Authenticate" in headers:
        headers["WWW-Authenticate"] = 'Basic realm="token"'
    return Response(
        {"error": error, "error_description": why.message},
        status_code=400 if why.status == 404 else why.status,
        headers=headers,
        media_type="application/json",
    )


@post(
    "/{tenant_id:str}/oauth2/v2.0/token",
    status_code=200,
    exception_handlers=for_all(refuse_token),
)
async def token(request: AnyRequest) -> Response[dict[str, Any]]:
    """A token for a registered application, good for an hour. Failures have a pace."""
    asked = await _form(request)
    client_id, secret = _credentials(request, asked)
    _check_grant(asked, client_id)
    organization_id = await _tenant(request)
    here, who = doorway(request), address_of(request)
    here.failures.take(who, here.house.clock())
    access, good_for = await issue_token(
        here.house, organization_id=organization_id, client_id=client_id, secret=secret
    )
    here.failures.give_back(who)
    seconds = int(good_for.total_seconds()) - 1
    return Response(
        {
            "token_type": "Bearer",
            "expires_in": seconds,
            "ext_expires_in": seconds,
            "access_token": access,
        },
        headers=_NO_STORE,
    )


def _check_grant(asked: Mapping[str, str], client_id: UUID) -> None:
    if not asked.get("grant_type"):
        raise Invalid(reason="grant_type is missing")
    if asked["grant_type"] != "client_credentials":
        raise Invalid(error="unsupported_grant_type", reason="client_credentials is the only one")
    scope = asked.get("scope", "").strip()
    if not scope:
        raise Invalid(reason="scope is missing")
    client, _, rest = scope.rpartition("/")
    if rest.lower() != ".default" or guid(client) != client_id:
        raise Invalid(error="invalid_scope", reason="scope must be <client_id>/.default")


async def _tenant(request: AnyRequest) -> UUID:
    """Whose token is asked for. With one tenant here, it is that, whatever id a program brings.

    So a program keeps the tenant id it has had at the vendor's (reference/cubu.md 2.1).
    """
    house, id = doorway(request).house, guid(request.path_params["tenant_id"])
    try:
        if id is not None:
            return (await house.organization(id)).id
    except NotFound:
        pass
    tenants = await house.organizations()
    if len(tenants) != 1:
        raise Invalid(reason="there is no tenant with this id")
    return tenants[0].id


def _credentials(request: AnyRequest, asked: Mapping[str, str]) -> tuple[UUID, str]:
    """Client id and secret, from the form or else from HTTP Basic."""
    client, secret = asked.get("client_id", ""), asked.get("client_secret", "")
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic" and not secret:
        try:
            named, _, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Invalid(reason="the Authorization header cannot be read") from None
        client, secret = unquote_plus(named), unquote_plus(secret)
    if not client or not secret:
        raise Invalid(reason="client_id and client_secret are needed")
    client_id = guid(client)
    if client_id is None:
        raise UnknownCaller()
    return client_id, secret


async def _form(request: AnyRequest) -> dict[str, str]:
    """The fields of the request, urlencoded or multipart; none twice."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    pairs: list[tuple[str, Any]]
    try:
        if kind == "application/x-www-form-urlencoded":
            body = (await body_of(request)).decode()
            pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=FIELDS_AT_MOST)
        elif kind == "multipart/form-data":
            pairs = list((await request.form()).multi_items())
        else:
            raise Invalid(reason="the request must be a form")
    except (ValueError, LookupError):
        raise Invalid(reason="the form cannot be read") from None
    fields = {name: value for name, value in pairs if isinstance(value, str)}
    if len(fields) != len(pairs):
        raise Invalid(reason="each field must be a text and stand there once")
    return fields
