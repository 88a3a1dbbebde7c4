"""Finding customers for somebody who does not see all that is kept of them.

The words of a customer are kept together, whatever they come from. So those whom they find are
looked at once more, and only who is found by what the asker sees of them is shown.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.field_access import Hidden, without
from nowserving.cases.finding import words_of_customer
from nowserving.people.customers import Customer

LOOKED_AT_MOST = 2000
"""So many whom the words find are looked at in one search; the next page goes on behind them."""

_AT_ONCE = 200

After = tuple[bytes, UUID]


async def found_by_what_is_seen(
    act: Act,
    hidden: Hidden,
    words: Sequence[str],
    *,
    archived: bool | None,
    after: After | None,
    most: int,
    skip: int,
) -> tuple[list[Customer], After | None]:
    """At most `most` customers, less the first `skip`, and after whom the next page begins."""
    found: list[Customer] = []
    async for one, seen, looked_at in _looked_at(act, hidden, words, archived, after):
        if seen and len(found) == skip + most:
            return found[skip:], _place(found[-1])
        if seen:
            found.append(one)
        if looked_at == LOOKED_AT_MOST:
            return found[skip:], _place(one)
    return found[skip:], None


async def count_by_what_is_seen(
    act: Act, hidden: Hidden, words: Sequence[str], *, archived: bool | None
) -> int:
    """How many of the first `LOOKED_AT_MOST` whom the words find are found by what is seen."""
    count = 0
    async for _, seen, looked_at in _looked_at(act, hidden, words, archived, None):
        count += seen
        if looked_at == LOOKED_AT_MOST:
            break
    return count


async def _looked_at(
    act: Act,
    hidden: Hidden,
    words: Sequence[str],
    archived: bool | None,
    after: After | None,
) -> AsyncIterator[tuple[Customer, bool, int]]:
    """Each whom the words find, whether what is seen of them does too, and the how manieth."""
    looked_at, full = 0, True
    while full:
        page = await act.look.finding.customers(
            words, archived=archived, after=after, most=_AT_ONCE
        )
        keys = await act.look.case_lists.keys([one.id for one in page])
        for one in page:
            looked_at += 1
            seen = _finds(words, _seen_words(hidden, one, keys.get(one.id, {})))
            yield one, seen, looked_at
            after = _place(one)
        full = len(page) == _AT_ONCE


def _seen_words(hidden: Hidden, one: Customer, keys: Mapping[str, str]) -> list[str]:
    shown = [value for kind, value in keys.items() if kind not in hidden]
    return words_of_customer(replace(one, fields=without(hidden, one.fields)), shown)


def _finds(words: Sequence[str], kept: Sequence[str]) -> bool:
    return all(any(one.startswith(word) for one in kept) for word in words)


def _place(one: Customer) -> After:
    return one.sort_name, one.id
