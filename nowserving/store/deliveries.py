"""The log of deliveries: every attempt at telling a fact, what was said and what came back.

Attempts sort by their id, which sorts by time. What was said and answered may be personal: it
lies apart, compressed, and can be erased while the attempt stays (decision 0012).
"""

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    bindparam,
    delete,
    false,
    select,
    text,
    true,
    update,
)

from nowserving.kit.ids import first_id
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import attempt_contents, attempts
from nowserving.store.types import Id

KEPT_WHOLE = 500
"""Characters of an answer that stand with the attempt itself; a longer one lies apart too."""

_LEVEL, _WINDOW, _MEMORY = 1, 13, 6
"""Of compression: what is quick matters more than what is small. With the usual quarter of a
megabyte for each, getting the memory costs more than compressing a kilobyte."""


class Attempt(msgspec.Struct, frozen=True):
    """One try at telling one fact to one endpoint."""

    organization_id: UUID
    endpoint_id: UUID
    id: UUID
    subject_id: UUID
    version: int
    fact_id: UUID
    number: int
    at: datetime
    microseconds: int
    status: int | None
    error: str | None
    response: str | None
    kind: str = ""
    taken: bool = False
    replay_id: UUID | None = None


class Spoken(msgspec.Struct, frozen=True):
    """What was sent, without what is secret in it."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"


class Tried(msgspec.Struct, frozen=True):
    """An attempt with what was said, if it came to that, and what was answered."""

    attempt: Attempt
    spoken: Spoken | None = None
    answer: bytes = b""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which attempts are looked for; None: whichever. `status` 0: there was no answer.

    `version`: of the subject, which is given then.
    """

    endpoint_id: UUID | None = None
    subject_id: UUID | None = None
    version: int | None = None
    kind: str | None = None
    status: int | None = None
    taken: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_ATTEMPT = columns_for(Attempt, attempts)
_attempt_row = row_maker(attempts)
_content = attempt_contents.c
_OURS = attempts.c.organization_id == _ORGANIZATION
_ONE = (_OURS, attempts.c.endpoint_id == bindparam("endpoint"), attempts.c.id == bindparam("id"))
_GET = Statement(select(*_ATTEMPT).where(*_ONE))
_LOGGED = Statement(select(attempts.c.id).where(*_ONE))
_CONTENT = Statement(
    select(_content.request, _content.response).where(
        _content.organization_id == _ORGANIZATION,
        _content.endpoint_id == bindparam("endpoint"),
        _content.id == bindparam("id"),
    )
)
_OF_FACT = Statement(
    select(*_ATTEMPT)
    .where(
        _OURS,
        attempts.c.subject_id == bindparam("subject"),
        attempts.c.endpoint_id == bindparam("endpoint"),
        attempts.c.version == bindparam("version"),
    )
    .order_by(attempts.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_TAKEN_SINCE = Statement(
    select(attempts.c.id)
    .where(
        _OURS,
        attempts.c.endpoint_id == bindparam("endpoint"),
        attempts.c.id > bindparam("since", type_=Id),
        attempts.c.subject_id != bindparam("subject", type_=Id),
        attempts.c.taken == true(),
    )
    .limit(1)
)
_OLD = (
    "select id from {table} where organization_id = :organization and endpoint_id = :endpoint"
    " and id < :before order by id limit :most"
)
_FORGET = [
    Statement(
        text(
            f"delete from {table} where organization_id = :organization"
            f" and endpoint_id = :endpoint and id in ({_OLD.format(table=table)})"
        ).bindparams(
            bindparam("organization", type_=Id),
            bindparam("endpoint", type_=Id),
            bindparam("before", type_=Id),
            bindparam("most", type_=Integer),
        )
    )
    for table in ("attempt_contents", "attempts")
]
_OF_SUBJECT = _content.subject_id == bindparam("subject", type_=Id)
_ERASE = Statement(
    delete(attempt_contents).where(_content.organization_id == _ORGANIZATION, _OF_SUBJECT)
)
_ERASE_ANSWERS = Statement(
    update(attempts)
    .where(_OURS, attempts.c.subject_id == bindparam("subject", type_=Id))
    .values(response=None)
)


class Deliveries:
    """What was tried to tell the endpoints of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def log(self, tries: Sequence[Tried]) -> None:
        """Write down attempts."""
        await self._connection.insert(attempts, [_attempt_row(one.attempt) for one in tries])
        rows = [row for one in tries if (row := _content_row(one)) is not None]
        if rows:
            await self._connection.insert(attempt_contents, rows)

    async def not_logged(self, tries: Sequence[Tried]) -> list[Tried]:
        """Those of some attempts that are not written down yet."""
        asked = [
            {
                "organization": self._organization,
                "endpoint": one.attempt.endpoint_id,
                "id": one.attempt.id,
            }
            for one in tries
        ]
        logged = {row[0] for row in await self._connection.each(_LOGGED, asked)}
        return [one for one in tries if one.attempt.id not in logged]

    async def search(
        self, wanted: Wanted, *, before: UUID | None = None, most: int = 100
    ) -> list[Attempt]:
        """The newest attempts of this kind, newest first, older than `before`."""
        values: dict[str, Any] = {
            "endpoint": wanted.endpoint_id,
            "subject": wanted.subject_id,
            "version": wanted.version,
            "kind": wanted.kind,
            "status": wanted.status or None,
            "since": None if wanted.since is None else first_id(wanted.since),
            "until": None if wanted.until is None else first_id(wanted.until),
            "before": before,
        }
        given = {name: value for name, value in values.items() if value is not None}
        taken = wanted.taken
        if wanted.status is not None and not 200 <= wanted.status < 300:
            taken = False  # nothing else was ever taken, and those are found sooner
        statement = _search(frozenset(given), taken, wanted.status == 0)
        rows = await self._connection.all(
            statement, organization=self._organization, most=most, **given
        )
        return [Attempt(*row) for row in rows]

    async def attempts(self, endpoint: UUID, most: int = 100) -> list[Attempt]:
        """The newest attempts at an endpoint, newest first."""
        return await self.search(Wanted(endpoint_id=endpoint), most=most)

    async def attempt(self, endpoint: UUID, id: UUID) -> Attempt | None:
        """One attempt."""
        row = await self._connection.first(
            _GET, organization=self._organization, endpoint=endpoint, id=id
        )
        return None if row is None else Attempt(*row)

    async def of_fact(
        self, endpoint: UUID, subject: UUID, version: int, most: int = 100
    ) -> list[Attempt]:
        """The attempts at telling one fact to one endpoint, newest first."""
        rows = await self._connection.all(
            _OF_FACT,
            organization=self._organization,
            endpoint=endpoint,
            subject=subject,
            version=version,
            most=most,
        )
        return [Attempt(*row) for row in rows]

    async def taken_since(self, endpoint: UUID, since: datetime, *, beside: UUID) -> bool:
        """Has the endpoint taken anything of another subject since an instant?"""
        row = await self._connection.first(
            _TAKEN_SINCE,
            organization=self._organization,
            endpoint=endpoint,
            since=first_id(since),
            subject=beside,
        )
        return row is not None

    async def content(self, attempt: Attempt) -> tuple[Spoken | None, bytes | None]:
        """What was said in an attempt, and the whole answer; None if it is kept no longer."""
        row = await self._connection.first(
            _CONTENT,
            organization=self._organization,
            endpoint=attempt.endpoint_id,
            id=attempt.id,
        )
        request, response = row or (None, None)
        said = None if request is None else _read_spoken(request)
        if response is None:
            return said, None if attempt.response is None else attempt.response.encode()
        return said, zlib.decompress(response)

    async def forget(self, endpoint: UUID, *, before: UUID, most: int) -> int:
        """Drop some of the attempts at an endpoint that are older than an id; how many."""
        dropped = 0
        for statement in _FORGET:
            dropped = await self._connection.run(
                statement,
                organization=self._organization,
                endpoint=endpoint,
                before=before,
                most=most,
            )
        return dropped

    async def erase(self, subjects: Collection[UUID]) -> None:
        """Forget what was said and answered about some cases; that it was tried stays."""
        for subject in subjects:
            for statement in (_ERASE, _ERASE_ANSWERS):
                await self._connection.run(
                    statement, organization=self._organization, subject=subject
                )


@lru_cache(maxsize=256)
def _search(given: frozenset[str], taken: bool | None, silent: bool) -> Statement:
    """The question for these conditions, each of which an index answers in order."""
    asked: dict[str, ColumnElement[bool]] = {
        "endpoint": attempts.c.endpoint_id == bindparam("endpoint"),
        "subject": attempts.c.subject_id == bindparam("subject"),
        "version": attempts.c.version == bindparam("version"),
        "kind": attempts.c.kind == bindparam("kind"),
        "status": attempts.c.status == bindparam("status"),
        "since": attempts.c.id >= bindparam("since", type_=Id),
        "until": attempts.c.id < bindparam("until", type_=Id),
        "before": attempts.c.id < bindparam("before", type_=Id),
    }
    conditions = [asked[name] for name in sorted(given)]
    if taken is not None:
        conditions.append(attempts.c.taken == (true() if taken else false()))
    if silent:
        conditions.append(attempts.c.status.is_(None))
    return Statement(
        select(*_ATTEMPT)
        .where(_OURS, *conditions)
        .order_by(attempts.c.id.desc())
        .limit(bindparam("most", type_=Integer))
    )


def _content_row(one: Tried) -> tuple[Any, ...] | None:
    attempt = one.attempt
    whole = one.answer if len(one.answer) > KEPT_WHOLE else b""
    if one.spoken is None and not whole:
        return None
    return (
        attempt.organization_id,
        attempt.endpoint_id,
        attempt.id,
        attempt.subject_id,
        None if one.spoken is None else _spoken(one.spoken),
        _deflated(whole) if whole else None,
    )


def _spoken(said: Spoken) -> bytes:
    head = msgspec.json.encode((said.url, dict(said.headers), said.method))
    return _deflated(head + b"\n" + said.body)


def _deflated(plain: bytes) -> bytes:
    deflating = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY)
    return deflating.compress(plain) + deflating.flush()


def _read_spoken(kept: bytes) -> Spoken:
    head, _, body = zlib.decompress(kept).partition(b"\n")
    url, headers, method = msgspec.json.decode(head, type=tuple[str, dict[str, str], str])
    return Spoken(url, headers, body, method)
