"""Tokens of programs on the wire: what is asked of a new one, and what is told of them."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from nowserving.actions.api_tokens import LIMIT_AT_MOST, NAME_AT_MOST
from nowserving.dialects.native.orders import Order
from nowserving.dialects.native.shapes import Instant
from nowserving.people.tokens import LIMIT, TokenKind


class AddApiToken(Order):
    """A token for a program. Its name and kind are for good."""

    name: Annotated[str, Meta(min_length=1, max_length=NAME_AT_MOST)]
    kind: TokenKind = TokenKind.INTERNAL
    daily_limit: Annotated[int, Meta(ge=1, le=LIMIT_AT_MOST)] = LIMIT
    customer_id: Annotated[
        UUID | None, Meta(description="The company whose cases an external token reads.")
    ] = None
    replaces_files: Annotated[
        bool, Meta(description="Files that are sent take the place of those that are there.")
    ] = False


class ApiToken(msgspec.Struct):
    """A token, and how often it was used today."""

    id: UUID
    name: str
    kind: TokenKind
    daily_limit: int
    used_today: int
    customer_id: UUID | None
    replaces_files: bool
    created_at: Instant


class ApiTokens(msgspec.Struct):
    """The tokens that are good, eldest first."""

    tokens: list[ApiToken]


class ApiTokenWithSecret(msgspec.Struct):
    """A new token with its text; null where the answer is given again."""

    token: ApiToken
    secret: str | None
