"""Tokens of programs that speak another maker's language and bring them with each request."""

from uuid import UUID

from nowserving.actions import api_tokens
from nowserving.actions.act import Act
from nowserving.dialects.native import shapes_tokens as shapes
from nowserving.dialects.native.operations import Chapter
from nowserving.kit.problems import NotFound
from nowserving.people.tokens import ApiToken

CHAPTER = Chapter(
    "Tokens of programs",
    "For programs that speak wolkvox CRM's language. An internal token is for everything there, "
    "an external one for the public notes on one company's cases. Each has a daily limit, which "
    "begins anew at the organization's midnight. For whoever may manage integrations.",
)


@CHAPTER.get("/api-tokens")
async def get_api_tokens(act: Act) -> shapes.ApiTokens:
    """The tokens that are good, and how often each was used today."""
    return shapes.ApiTokens([_token(one, used) for one, used in await api_tokens.tokens(act)])


@CHAPTER.post(
    "/api-tokens",
    status=201,
    raises=(NotFound,),
    example={"name": "CRM", "daily_limit": 4800},
    shown_once=("secret",),
)
async def add_api_token(act: Act, order: shapes.AddApiToken) -> shapes.ApiTokenWithSecret:
    """Make a token. Its text is in this answer and in no other."""
    made, secret = await api_tokens.create_token(
        act,
        name=order.name,
        kind=order.kind,
        daily_limit=order.daily_limit,
        customer_id=order.customer_id,
        replaces_files=order.replaces_files,
    )
    return shapes.ApiTokenWithSecret(_token(made, 0), secret)


@CHAPTER.post("/api-tokens/{token_id}/remove", raises=(NotFound,))
async def remove_api_token(act: Act, token_id: UUID) -> None:
    """Take a token back: from now on it is unknown."""
    await api_tokens.drop_token(act, token_id=token_id)


def _token(one: ApiToken, used: int) -> shapes.ApiToken:
    return shapes.ApiToken(
        id=one.id,
        name=one.name,
        kind=one.kind,
        daily_limit=one.daily_limit,
        used_today=used,
        customer_id=one.customer_id,
        replaces_files=one.replaces_files,
        created_at=one.created_at,
    )
