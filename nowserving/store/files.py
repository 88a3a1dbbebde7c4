"""What is known of the files on cases, and which bytes belong to none."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Table,
    bindparam,
    delete,
    literal_column,
    select,
    update,
)

from nowserving.cases.attachment import Attachment, Part, Upload
from nowserving.kit.problems import NotFound
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import attachments, loose_files, uploads
from nowserving.store.types import Instant


def _ours(table: Table) -> ColumnElement[bool]:
    return table.c.organization_id == bindparam("organization")


_files, _loose, _uploads = attachments, loose_files, uploads
_COLUMNS, _UPLOAD = columns_for(Attachment, _files), columns_for(Upload, _uploads)
_row, _upload_row = row_maker(_files), row_maker(_uploads)

_GET = Statement(select(*_COLUMNS).where(_ours(_files), _files.c.id == bindparam("id")))
_OF_CASE = Statement(
    select(*_COLUMNS)
    .where(_ours(_files), _files.c.case_id == bindparam("case"))
    .order_by(_files.c.at, _files.c.id)
)
_TRUE: ColumnElement[bool] = literal_column("true")
_HELD = Statement(
    select(*_COLUMNS)
    .where(_ours(_files), _files.c.held == _TRUE)
    .order_by(_files.c.id)
    .limit(bindparam("most", type_=Integer))
)
_REMOVE = Statement(delete(_files).where(_ours(_files), _files.c.id == bindparam("id")))
_CLEAR = Statement(
    update(_files)
    .where(_ours(_files), _files.c.id == bindparam("id"))
    .values(held=bindparam("held"))
)

_CLAIM = Statement(
    delete(_loose).where(
        _ours(_loose), _loose.c.id == bindparam("id"), _loose.c.going == bindparam("going")
    )
)
_LET_GO = Statement(
    update(_loose).where(_ours(_loose), _loose.c.id == bindparam("id")).values(due=bindparam("due"))
)
_DUE = Statement(
    update(_loose)
    .where(_ours(_loose), _loose.c.due <= bindparam("now", type_=Instant))
    .values(going=bindparam("going"))
    .returning(_loose.c.id)
)
_FORGET = Statement(delete(_loose).where(_ours(_loose), _loose.c.id == bindparam("id")))
_ALL_LOOSE = Statement(select(_loose.c.id).where(_ours(_loose)))
_ALL = Statement(select(_files.c.id).where(_ours(_files)))

_FIND_UPLOAD = select(*_UPLOAD).where(_ours(_uploads), _uploads.c.id == bindparam("id"))
_GET_UPLOAD = Statement(_FIND_UPLOAD)
_GO_ON = Statement(
    update(_uploads)
    .where(
        _ours(_uploads),
        _uploads.c.id == bindparam("id"),
        _uploads.c.received == bindparam("seen", type_=BigInteger),
    )
    .values(
        received=bindparam("received"),
        parts=bindparam("parts"),
        expires_at=bindparam("expires_at"),
        file_id=bindparam("file_id"),
    )
)
_DROP_UPLOAD = Statement(delete(_uploads).where(_ours(_uploads), _uploads.c.id == bindparam("id")))
_EXPIRED = Statement(
    delete(_uploads).where(_ours(_uploads), _uploads.c.expires_at < bindparam("now", type_=Instant))
)
_UPLOADS_OF = Statement(
    select(*_UPLOAD)
    .where(_ours(_uploads), _uploads.c.case_id == bindparam("case"))
    .limit(bindparam("most", type_=Integer))
)


class Files:
    """The files of one organization. Which case somebody may see is asked elsewhere."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def get(self, id: UUID) -> Attachment:
        """The file with this id; NotFound if there is none."""
        row = await self._connection.first(_GET, organization=self._organization, id=id)
        if row is None:
            raise NotFound(what="file", id=id)
        return Attachment(*row)

    async def of(self, case_id: UUID) -> list[Attachment]:
        """The files on a case, oldest first."""
        rows = await self._connection.all(_OF_CASE, organization=self._organization, case=case_id)
        return [Attachment(*row) for row in rows]

    async def held(self) -> list[Attachment]:
        """Some of the files that are held back."""
        rows = await self._connection.all(_HELD, organization=self._organization, most=500)
        return [Attachment(*row) for row in rows]

    async def add(self, new: Sequence[Attachment]) -> None:
        """Add files."""
        await self._connection.insert(_files, [_row(one) for one in new])

    async def remove(self, ids: Collection[UUID], *, due: datetime) -> None:
        """Remove files; their bytes are loose and due."""
        await self._connection.each(
            _REMOVE, [{"organization": self._organization, "id": id} for id in ids]
        )
        await self.loosen(ids, due=due)

    async def clear(self, id: UUID) -> None:
        """Hold a file back no more."""
        await self._connection.run(_CLEAR, organization=self._organization, id=id, held=False)

    # --- bytes that belong to nothing ---------------------------------------------------------

    async def loosen(self, ids: Collection[UUID], *, due: datetime) -> None:
        """Note that these bytes belong to nothing, and when to throw them away."""
        rows = [(self._organization, id, due, False) for id in ids]
        await self._connection.insert(_loose, rows)

    async def claim(self, id: UUID) -> bool:
        """These bytes belong to something now; False if it is too late for that."""
        claimed = await self._connection.run(
            _CLAIM, organization=self._organization, id=id, going=False
        )
        return claimed == 1

    async def let_go(self, id: UUID, *, due: datetime) -> None:
        """If these bytes belong to nothing, throw them away then."""
        await self._connection.run(_LET_GO, organization=self._organization, id=id, due=due)

    async def due(self, now: datetime) -> list[UUID]:
        """The bytes to be thrown away now; nobody can claim them any more."""
        rows = await self._connection.all(
            _DUE, organization=self._organization, now=now, going=True
        )
        return [row[0] for row in rows]

    async def forget(self, ids: Collection[UUID]) -> None:
        """These bytes are gone."""
        await self._connection.each(
            _FORGET, [{"organization": self._organization, "id": id} for id in ids]
        )

    async def every_id(self) -> set[UUID]:
        """The ids of all bytes there may be, for the proof that there are no others."""
        both = [
            await self._connection.all(statement, organization=self._organization)
            for statement in (_ALL, _ALL_LOOSE)
        ]
        return {row[0] for rows in both for row in rows}

    # --- uploads in several requests ----------------------------------------------------------

    async def upload(self, id: UUID) -> Upload:
        """The upload with this id; NotFound if there is none."""
        row = await self._connection.first(_GET_UPLOAD, organization=self._organization, id=id)
        if row is None:
            raise NotFound(what="upload", id=id)
        return Upload(*row)

    async def uploads_of(self, case_id: UUID, most: int) -> list[Upload]:
        """Uploads to a case, at most so many."""
        rows = await self._connection.all(
            _UPLOADS_OF, organization=self._organization, case=case_id, most=most
        )
        return [Upload(*row) for row in rows]

    async def add_upload(self, new: Upload) -> None:
        """Begin an upload."""
        await self._connection.insert(_uploads, [_upload_row(new)])

    async def go_on(
        self,
        seen: Upload,
        *,
        received: int,
        parts: tuple[Part, ...],
        expires_at: datetime,
        file_id: UUID | None,
    ) -> bool:
        """More of an upload is here; False if somebody else has sent on meanwhile."""
        written = await self._connection.run(
            _GO_ON,
            organization=self._organization,
            id=seen.id,
            seen=seen.received,
            received=received,
            parts=parts,
            expires_at=expires_at,
            file_id=file_id,
        )
        return written == 1

    async def drop_upload(self, id: UUID) -> None:
        """Forget an upload; its parts are loose by themselves."""
        await self._connection.run(_DROP_UPLOAD, organization=self._organization, id=id)

    async def drop_expired(self, now: datetime) -> None:
        """Forget the uploads that nobody has gone on with."""
        await self._connection.run(_EXPIRED, organization=self._organization, now=now)
