"""The journal: facts, written with their change, and read again when they are told.

A fact and one narrow outbox row go into the transaction of the change; see `routing`.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Integer, bindparam, literal_column, select, text

from nowserving.kit.facts import Fact
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import facts, outbox
from nowserving.store.types import Id

_fact_row = row_maker(facts)
_FACT = columns_for(Fact, facts)
_ORGANIZATION: BindParameter[Any] = bindparam("organization")

_FACTS_OF = Statement(
    select(*_FACT)
    .where(
        facts.c.organization_id == _ORGANIZATION,
        facts.c.subject_id == bindparam("subject"),
        facts.c.version > bindparam("after"),
    )
    .order_by(facts.c.version)
    .limit(bindparam("most", type_=Integer))
)
_FACT_NAMES = ", ".join(column.name for column in _FACT)
_ON_THIS_LANE = f"""
select {_FACT_NAMES} from facts
where organization_id = :organization and subject_id = {{subject}}
  and version > {{after}} and version <= {{last}} order by version limit :most"""
_ON_LANES = Statement(
    text(
        f"select :lane, {_FACT_NAMES} from ("
        + _ON_THIS_LANE.format(subject=":subject", after=":after", last=":last")
        + ")"
    )
    .bindparams(bindparam("organization", type_=Id), bindparam("subject", type_=Id))
    .columns(literal_column("lane"), *_FACT),
    postgresql=text(
        f"""
        select l.lane - 1, {_FACT_NAMES}
        from unnest(cast(:subjects as uuid[]), cast(:afters as int[]), cast(:lasts as int[]))
             with ordinality as l(subject, after, last, lane)
        cross join lateral ("""
        + _ON_THIS_LANE.format(subject="l.subject", after="l.after", last="l.last")
        + ") as f order by l.lane, f.version"
    )
    .bindparams(bindparam("organization", type_=Id), bindparam("most", type_=Integer))
    .columns(literal_column("lane"), *_FACT),
)
_DATA_OF = Statement(
    select(facts.c.subject_id, facts.c.version, facts.c.data).where(
        facts.c.organization_id == _ORGANIZATION,
        facts.c.subject_id == bindparam("subject"),
        facts.c.version == bindparam("version"),
    ),
    postgresql=text(
        """
        select f.subject_id, f.version, f.data
        from unnest(cast(:subjects as uuid[]), cast(:versions as int[])) as u(subject, version)
        join facts f on f.organization_id = :organization and f.subject_id = u.subject
          and f.version = u.version
        """
    )
    .bindparams(bindparam("organization", type_=Id))
    .columns(facts.c.subject_id, facts.c.version, facts.c.data),
)


class Journal:
    """The facts of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def add(self, new: Sequence[Fact]) -> None:
        """Record facts, to be told onward once this transaction is committed."""
        await self._connection.insert(facts, [_fact_row(fact) for fact in new])
        await self._connection.insert(
            outbox,
            [(fact.organization_id, fact.version, fact.subject_id, fact.kind) for fact in new],
        )

    async def of(self, subject: UUID, *, after: int = 0, most: int = 1000) -> list[Fact]:
        """What happened to one subject, in order, after a version."""
        rows = await self._connection.all(
            _FACTS_OF, organization=self._organization, subject=subject, after=after, most=most
        )
        return [Fact(*row) for row in rows]

    async def data_of(self, some: Collection[tuple[UUID, int]]) -> dict[tuple[UUID, int], str]:
        """What some facts say, each named by its subject and version."""
        if self._connection.dialect == "postgresql":
            rows = await self._connection.all(
                _DATA_OF,
                organization=self._organization,
                subjects=[subject for subject, _ in some],
                versions=[version for _, version in some],
            )
        else:
            rows = await self._connection.each(
                _DATA_OF,
                [
                    {
                        "organization": self._organization,
                        "subject": subject,
                        "version": version,
                    }
                    for subject, version in some
                ],
            )
        return {(subject, version): data for subject, version, data in rows}

    async def on_lanes(
        self, stretches: Sequence[tuple[UUID, int, int]], most: int
    ) -> list[list[Fact]]:
        """For each (subject, after, last): its facts after a version up to another, in order.

        At most `most` of each.
        """
        found: list[list[Fact]] = [[] for _ in stretches]
        if self._connection.dialect == "postgresql":
            rows = await self._connection.all(
                _ON_LANES,
                organization=self._organization,
                subjects=[subject for subject, _, _ in stretches],
                afters=[after for _, after, _ in stretches],
                lasts=[last for _, _, last in stretches],
                most=most,
            )
        else:
            rows = await self._connection.each(
                _ON_LANES,
                [
                    {
                        "organization": self._organization,
                        "lane": lane,
                        "subject": subject,
                        "after": after,
                        "last": last,
                        "most": most,
                    }
                    for lane, (subject, after, last) in enumerate(stretches)
                ],
            )
        for lane, *fact in rows:
            found[lane].append(Fact(*fact))
        return found
