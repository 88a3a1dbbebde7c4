"""A folder and a bucket keep files alike."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from nowserving.actions.filing import FileStore
from nowserving.cases.attachment import FileDamaged
from nowserving.hooks.files.folder import Folder
from nowserving.kit.http import TooLarge, Unready
from nowserving.main.filing import filing_of
from nowserving.main.settings import BadSettings, Settings
from tests.actions.filed import sent

LARGE = bytes(range(256)) * 65_536
OURS, THEIRS = uuid4(), uuid4()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    """Each of the two."""
    if request.param == "folder":
        return Folder(tmp_path / "files")
    found: FileStore = request.getfixturevalue("bucket")
    return found


async def ids(store: FileStore, organization: UUID = OURS) -> set[UUID]:
    return {id async for id in store.ids(organization)}


@pytest.mark.parametrize("content", [b"", b"small", LARGE], ids=["empty", "small", "large"])
async def test_what_is_put_is_read(store: FileStore, content: bytes) -> None:
    id = uuid4()
    await store.put(OURS, id, sent(content))
    assert await store.read(OURS, id, 0, len(content)) == content
    if content:
        assert await store.read(OURS, id, 2, 4) == content[2:4]
    assert await ids(store) == {id}
    assert await ids(store, THEIRS) == set()
    with pytest.raises(FileDamaged):
        await store.read(THEIRS, id, 0, 1)
    await store.drop(OURS, id)
    await store.drop(OURS, id)
    assert await ids(store) == set()
    with pytest.raises(FileDamaged):
        await store.read(OURS, id, 0, 1)


@pytest.mark.parametrize("content", [b"small", LARGE], ids=["small", "large"])
async def test_what_does_not_come_to_its_end_is_not_kept(store: FileStore, content: bytes) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        async for part in sent(content):
            yield part
        raise TooLarge(bytes=1)

    with pytest.raises(TooLarge):
        await store.put(OURS, uuid4(), breaking())
    assert await ids(store) == set()


async def test_a_store_that_is_away_is_told_so(tmp_path: Path) -> None:
    place = "http://127.0.0.1:9"
    away = filing_of(Settings(files="s3://none", s3_endpoint=place, s3_region="us-east-1"))
    assert away is not None
    with pytest.raises(Unready):
        await away.store.put(OURS, uuid4(), sent(b"x"))
    (tmp_path / "files").write_bytes(b"in the way")
    with pytest.raises(Unready):
        await Folder(tmp_path / "files").put(OURS, uuid4(), sent(b"x"))


def test_a_place_is_named_or_is_beside_the_database(tmp_path: Path) -> None:
    assert filing_of(Settings(database_url="postgresql://db/nowserving")) is None
    found = filing_of(Settings(database_url=f"sqlite:///{tmp_path}/a.db"))
    assert found is not None
    assert found.limits.file == 25 * 1024 * 1024
    with pytest.raises(BadSettings):
        filing_of(Settings(files="s3://"))


async def test_the_folder_is_for_its_owner(tmp_path: Path) -> None:
    await Folder(tmp_path / "files").put(OURS, uuid4(), sent(b"x"))
    assert (tmp_path / "files").stat().st_mode & 0o077 == 0
