"""How often a token was used today, and how often it may still be."""

from litestar import Response, get

from nowserving.actions.api_tokens import seconds_to_rest
from nowserving.actions.doorway import doorway
from nowserving.dialects.wolkvox.answering import found, sent
from nowserving.dialects.wolkvox.wire import TOKEN, bearer_of
from nowserving.kit.http import AnyRequest, header
from nowserving.kit.problems import Forbidden, Invalid
from nowserving.people.staff import UnknownCaller
from nowserving.people.tokens import TokenKind


@get("/token/tokenInformation.php", status_code=200)
async def token_information(request: AnyRequest) -> Response[bytes]:
    """The counters of the token that is brought; asking counts as a use."""
    access = (header(request, TOKEN.encode()) or "").strip()
    if not access:
        raise UnknownCaller()
    bearer = await bearer_of(request, access, tuple(TokenKind))
    operation = str(request.query_params.get("operation") or "").strip()
    if not operation:
        raise Invalid(field="operation", reason="is missing", required=True)
    if operation.lower() != bearer.organization.slug.lower():
        raise Forbidden(reason="the token is another operation's")
    left = seconds_to_rest(doorway(request).house.clock(), bearer.organization)
    said = {
        "description": bearer.token.name,
        "token_limit": bearer.token.daily_limit,
        "token_use_today": bearer.used,
        "available_consumition_options": bearer.token.daily_limit - bearer.used,
        "hours_to_rest": f"{left // 3600:02d}:{left // 60 % 60:02d}:{left % 60:02d}",
    }
    return sent(found([said], said))
