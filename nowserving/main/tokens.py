"""What the operator can do with tokens of programs on the command line, by name."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from nowserving.actions import api_tokens
from nowserving.actions.act import Act
from nowserving.kit.problems import NotFound
from nowserving.people.tokens import TokenKind


async def _add(act: Act, given: Mapping[str, Any]) -> str:
    """Make a token; with the number of a customer an external one of that company."""
    company = None
    if given.get("customer") is not None:
        company = (await act.look.customers.numbered(int(given["customer"]))).id
    _, secret = await api_tokens.create_token(
        act,
        name=str(given["name"]),
        kind=TokenKind.INTERNAL if company is None else TokenKind.EXTERNAL,
        daily_limit=int(given["limit"]),
        customer_id=company,
        replaces_files=bool(given.get("replaces_files")),
    )
    return secret


async def _list(act: Act, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "id": str(one.id),
            "name": one.name,
            "kind": str(one.kind),
            "daily_limit": one.daily_limit,
            "used_today": used,
        }
        for one, used in await api_tokens.tokens(act)
    ]


async def _drop(act: Act, given: Mapping[str, Any]) -> None:
    try:
        id = UUID(str(given["id"]))
    except ValueError:
        raise NotFound(what="token", id=given["id"]) from None
    await api_tokens.drop_token(act, token_id=id)


COMMANDS: Mapping[str, Callable[[Act, Mapping[str, Any]], Awaitable[Any]]] = {
    "add_token": _add,
    "list_tokens": _list,
    "drop_token": _drop,
}
