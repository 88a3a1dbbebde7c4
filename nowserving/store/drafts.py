"""Remarks that are still being written: one for each case and author."""

from dataclasses import asdict
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select

from nowserving.cases.case import Draft
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for
from nowserving.store.tables import note_drafts as drafts

_OF = (
    drafts.c.organization_id == bindparam("organization"),
    drafts.c.case_id == bindparam("case"),
    drafts.c.author_id == bindparam("author"),
)
_GET = Statement(select(*columns_for(Draft, drafts)).where(*_OF))
_DROP = Statement(delete(drafts).where(*_OF))
_FORGET = Statement(delete(drafts).where(*_OF[:2]))
_ADD = Statement(insert(drafts))


class Drafts:
    """The drafts of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def get(self, case: UUID, author: UUID) -> Draft | None:
        """What somebody is writing on a case."""
        row = await self._connection.first(
            _GET, organization=self._organization, case=case, author=author
        )
        return None if row is None else Draft(*row)

    async def keep(self, draft: Draft) -> None:
        """Keep a draft in the place of the one before. The case must be held."""
        await self.drop(draft.case_id, draft.author_id)
        await self._connection.run(_ADD, **asdict(draft))

    async def drop(self, case: UUID, author: UUID) -> None:
        """Forget a draft, if there is one."""
        await self._connection.run(_DROP, organization=self._organization, case=case, author=author)

    async def forget(self, case: UUID) -> None:
        """Forget what anybody is writing on a case."""
        await self._connection.run(_FORGET, organization=self._organization, case=case)
