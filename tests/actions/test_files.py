"""Files on cases: how they come, who gets them, and that nothing is ever left over."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from nowserving.actions import customers, erase, files
from nowserving.actions.files import Opened, attach, tray
from nowserving.actions.filing import Filing
from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.actions.sweeping import scan_held, strays, sweep
from nowserving.cases import moves
from nowserving.cases.admission import Request
from nowserving.cases.attachment import (
    PIECE,
    FileDamaged,
    FileHeld,
    FilesOff,
    Limits,
    NoRoom,
)
from nowserving.cases.case import Case, moved
from nowserving.kit.disposition import Span
from nowserving.kit.http import TooLarge, Unready
from nowserving.kit.problems import Forbidden, NotFound
from nowserving.people.actor import Actor, system, visitor
from nowserving.store.engines import Unavailable
from nowserving.store.files import Files
from tests.actions.filed import bytes_of, only_file, put_on, sent, stored

PDF = b"%PDF-1.7\n" + b"x" * 3_000_000


@pytest.fixture
async def case(house: House, branch: Sample, program: Actor) -> Case:
    """Somebody in a line."""
    service = next(iter((await house.directory(branch.organization.id)).services))
    async with house.acting(program) as act:
        return (await queue_up(act, Request(service_id=service, phone="+4930123456"))).case


def filing(house: House) -> Filing:
    assert house.filing is not None
    return house.filing


async def test_a_file_is_kept_as_it_was_sent(house: House, case: Case, ann: Actor) -> None:
    one = await put_on(house, ann, case, PDF, name="C:\\My files\\visa.pdf")
    assert (one.name, one.media_type, one.size) == ("visa.pdf", "application/pdf", len(PDF))
    assert one.sha256 == hashlib.sha256(PDF).digest()
    async with house.acting(ann) as act:
        assert await files.files_of(act, case_id=case.id) == [one]
        opened = await Opened.of(act, file_id=one.id)
    assert await bytes_of(opened, Span(0, one.size)) == PDF
    assert await bytes_of(opened, Span(PIECE - 5, PIECE + 5)) == PDF[PIECE - 5 : PIECE + 5]


async def test_an_empty_file_is_a_file(house: House, case: Case, ann: Actor) -> None:
    one = await put_on(house, ann, case, b"", name="")
    assert (one.name, one.media_type, one.size, one.pieces) == (
        *("file", "application/octet-stream", 0),
        b"",
    )
    async with house.acting(ann) as act:
        opened = await Opened.of(act, file_id=one.id)
    assert await bytes_of(opened, Span(0, 0)) == b""


async def test_the_facts_tell_sizes_and_types_and_nothing_personal(
    house: House, case: Case, ann: Actor
) -> None:
    one = await put_on(house, ann, case, PDF, name="Ada Lovelace.pdf")
    async with house.acting(ann) as act:
        await files.detach(act, file_id=one.id)
    async with house.acting(ann) as act:
        told = await act.look.journal.of(case.id)
    assert [fact.kind for fact in told] == ["case.queued", "case.attached", "case.detached"]
    attached, detached = (msgspec.json.decode(fact.data) for fact in told[1:])
    del attached["case"], detached["case"]
    known = {"file_id": str(one.id), "size": len(PDF), "media_type": "application/pdf"}
    assert attached == {**known, "held": False}
    assert detached == {**known, "why": "removed"}
    assert "Ada" not in told[1].data + told[2].data


async def test_what_is_taken_off_is_gone_from_the_disk(
    house: House, case: Case, ann: Actor, tmp_path: Path
) -> None:
    one = await put_on(house, ann, case, PDF)
    assert only_file(tmp_path).name == str(one.id)
    async with house.acting(ann) as act:
        await files.detach(act, file_id=one.id)
    await sweep(house)
    assert stored(tmp_path) == []
    async with house.acting(ann) as act:
        with pytest.raises(NotFound):
            await files.file(act, file_id=one.id)


async def test_only_who_may_gets_at_files(
    house: House, case: Case, ann: Actor, program: Actor, branch: Sample
) -> None:
    one = await put_on(house, program, case, PDF)
    stranger = visitor(branch.organization.id, case.unit_id)
    async with house.acting(stranger) as act:
        with pytest.raises(Forbidden):
            await files.files_of(act, case_id=case.id)
        with pytest.raises(Forbidden):
            await Opened.of(act, file_id=one.id)
        with pytest.raises(Forbidden):
            await files.may_attach(act, case_id=case.id)
    async with house.acting(ann) as act:
        with pytest.raises(Forbidden):  # the program's, not hers
            await files.detach(act, file_id=one.id)


@pytest.mark.parametrize(
    "limits",
    [
        Limits(file=100, case=150),
        Limits(file=100, files_of_case=1),
        Limits(file=100, organization=150),
    ],
)
async def test_there_is_room_for_so_much(
    house: House, case: Case, ann: Actor, limits: Limits
) -> None:
    filing(house).limits = limits
    await put_on(house, ann, case, b"x" * 100)
    with pytest.raises(NoRoom):
        await put_on(house, ann, case, b"x" * 100)
    await sweep(house)
    assert await strays(house, case.organization_id) == set()
    async with house.acting(ann) as act:
        (one,) = await files.files_of(act, case_id=case.id)
        await files.detach(act, file_id=one.id)
    await put_on(house, ann, case, b"x" * 100)


async def test_a_file_that_is_too_large_is_stopped_on_its_way(
    house: House, case: Case, ann: Actor, tmp_path: Path
) -> None:
    filing(house).limits = Limits(file=1000)
    came = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal came
        while True:
            came += 100
            yield b"x" * 100

    async with tray(house, ann) as opened:
        with pytest.raises(TooLarge):
            await opened.take(endless(), name="x")
    assert came == 1100
    assert stored(tmp_path) == []


async def test_attach_after_blob_before_row(
    house: House, case: Case, ann: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between the file and its row: neither is there in the end."""

    async def dead(*_: object, **__: object) -> None:
        raise Unavailable("the machine is off")

    with monkeypatch.context() as dying:
        dying.setattr(Files, "claim", dead)
        dying.setattr(Files, "let_go", dead)
        with pytest.raises(Unavailable):
            await put_on(house, ann, case, PDF)
    async with house.acting(ann) as act:
        assert await files.files_of(act, case_id=case.id) == []
    left = [id async for id in filing(house).store.ids(case.organization_id)]
    await sweep(house)
    assert [id async for id in filing(house).store.ids(case.organization_id)] == left  # young
    assert len(left) == 1
    now = house.clock()
    house.clock = lambda: now + timedelta(days=1, minutes=1)
    await sweep(house)
    assert [id async for id in filing(house).store.ids(case.organization_id)] == []
    async with house.acting(ann) as act:
        assert await act.store.files.every_id() == set()


async def test_a_commit_whose_answer_was_lost_loses_no_file(
    house: House, case: Case, ann: Actor
) -> None:
    with pytest.raises(Unavailable):
        async with tray(house, ann) as opened:
            received = await opened.take(sent(PDF), name="x.pdf")
            async with house.acting(ann) as act:
                await attach(act, case_id=case.id, files=[received])
            raise Unavailable("the answer was lost")
    await sweep(house)
    async with house.acting(ann) as act:
        one = await Opened.of(act, file_id=received.id)
    assert await bytes_of(one, Span(0, len(PDF))) == PDF


async def test_bytes_that_are_being_thrown_away_are_attached_to_nothing(
    house: House, case: Case, ann: Actor
) -> None:
    async with tray(house, ann) as opened:
        received = await opened.take(sent(b"x"), name="x")
        async with house.acting(ann) as act:
            await act.store.files.due(act.now + timedelta(days=2))
        async with house.acting(ann) as act:
            with pytest.raises(Exception, match="Somebody else"):
                await attach(act, case_id=case.id, files=[received])


@pytest.mark.parametrize("at", [0, PIECE, len(PDF) - 1])
async def test_a_flipped_byte_is_reported_and_never_served(
    house: House, case: Case, ann: Actor, tmp_path: Path, at: int
) -> None:
    one = await put_on(house, ann, case, PDF)
    path = only_file(tmp_path)
    damaged = bytearray(PDF)
    damaged[at] ^= 1
    path.write_bytes(damaged)
    async with house.acting(ann) as act:
        opened = await Opened.of(act, file_id=one.id)
    with pytest.raises(FileDamaged):
        await opened.check(Span(0, one.size))
    with pytest.raises(FileDamaged):
        await opened.check(Span(at, at + 1))
    path.write_bytes(PDF[:-1])
    with pytest.raises(FileDamaged):
        await opened.check(Span(0, one.size))
    path.unlink()
    with pytest.raises(FileDamaged):
        await opened.check(Span(at, at + 1))


async def test_a_disk_that_cannot_be_written_leaves_nothing(
    house: House, case: Case, ann: Actor, tmp_path: Path
) -> None:
    (tmp_path / "files").write_bytes(b"no folder")
    with pytest.raises(Unready):
        await put_on(house, ann, case, PDF)
    async with house.acting(ann) as act:
        assert await files.files_of(act, case_id=case.id) == []
    (tmp_path / "files").unlink()
    await put_on(house, ann, case, PDF)


async def test_where_no_place_is_named_there_are_no_files(
    house: House, case: Case, ann: Actor
) -> None:
    house.filing = None
    with pytest.raises(FilesOff):
        await put_on(house, ann, case, PDF)


# --- malware --------------------------------------------------------------------------------


class Eyes:
    """A scanner for these tests; the real one is tested with a real conversation."""

    def __init__(self) -> None:
        self.open = True

    async def found_in(self, parts: AsyncIterator[bytes]) -> str | None:
        if not self.open:
            raise Unready()
        whole = b"".join([part async for part in parts])
        return "Bad" if b"evil" in whole else None


async def test_a_file_is_held_until_somebody_has_looked(
    house: House, case: Case, ann: Actor
) -> None:
    filing(house).scanner = eyes = Eyes()
    eyes.open = False
    good = await put_on(house, ann, case, b"good")
    bad = await put_on(house, ann, case, b"evil")
    assert (good.held, bad.held) == (True, True)
    with pytest.raises(Unready):
        await scan_held(house)
    for one in (good, bad):
        async with house.acting(ann) as act:
            with pytest.raises(FileHeld):
                await Opened.of(act, file_id=one.id)
    eyes.open = True
    await scan_held(house)
    async with house.acting(ann) as act:
        assert await files.files_of(act, case_id=case.id) == [replace(good, held=False)]
        assert await bytes_of(await Opened.of(act, file_id=good.id), Span(0, 4)) == b"good"
        told = (await act.look.journal.of(case.id))[-2:]
    assert {fact.kind for fact in told} == {"case.file_cleared", "case.detached"}
    assert {fact.actor for fact in told} == {"system:scanner"}
    gone = next(fact for fact in told if fact.kind == "case.detached")
    assert msgspec.json.decode(gone.data)["why"] == "malware"
    await sweep(house)
    assert [id async for id in filing(house).store.ids(case.organization_id)] == [good.id]


# --- erasing --------------------------------------------------------------------------------


async def test_erasing_takes_all_that_is_personal_and_leaves_the_figures(
    house: House, case: Case, ann: Actor, branch: Sample
) -> None:
    from nowserving.actions.desk import note

    await put_on(house, ann, case, PDF)
    await put_on(house, ann, case, b"more")
    async with house.acting(ann) as act:
        await note(act, case_id=case.id, text="Knows the mayor.")
    async with house.acting(ann) as act:
        with pytest.raises(Forbidden):
            await erase.erase_case(act, case_id=case.id)
    by = system(branch.organization.id, "test")
    async with house.acting(by) as act:
        erased = await erase.erase_case(act, case_id=case.id)
    await sweep(house)
    assert [id async for id in filing(house).store.ids(case.organization_id)] == []
    async with house.acting(ann) as act:
        assert await act.look.files.of(case.id) == []
        assert await act.look.cases.notes(case.id) == []
        assert (await act.look.cases.details(case.id)).phone is None
        seen = await act.look.cases.get(case.id)
        told = await act.look.journal.of(case.id)
    assert (seen.number, seen.state, seen.version) == (case.number, case.state, erased.version)
    assert [fact.kind for fact in told[-3:]] == ["case.detached", "case.detached", "case.erased"]
    last = msgspec.json.decode(told[-1].data)
    assert (last["files"], last["notes"]) == (2, 1)


async def test_erasing_a_customer_erases_their_cases(
    house: House, case: Case, ann: Actor, branch: Sample
) -> None:
    by = system(branch.organization.id, "test")
    given = customers.Given(contact={"name": "Ada Lovelace"}, keys={"card": "4711"})
    async with house.acting(by) as act:
        ada = (await customers.create(act, given=given)).customer
    async with house.acting(by) as act:
        seen = await act.store.cases.hold(case.id)
        to = moved(seen, moves.CORRECT, act.now, customer_id=ada.id)
        await act.change(seen, to, moves.CORRECT, changed=["customer_id"])
    await put_on(house, ann, case, PDF)
    async with house.acting(ann) as act:
        with pytest.raises(Forbidden):
            await erase.erase_customer(act, customer_id=ada.id)
    async with house.acting(by) as act:
        (erased,) = await erase.erase_customer(act, customer_id=ada.id)
    assert erased.id == case.id
    async with house.acting(by) as act:
        gone = await act.look.customers.get(ada.id)
        assert (gone.name, gone.archived, gone.number) == ("", True, ada.number)
        assert await act.look.customers.keys_of(ada.id) == {}
        assert (await customers.find(act, text="Ada", archived=None)).customers == []
        assert await act.look.files.of(case.id) == []
        told = await act.look.journal.of(ada.id)
    assert told[-1].kind == "customer.erased"
    assert "Ada" not in "".join(fact.data for fact in told)
    async with house.acting(by) as act:
        with pytest.raises(NotFound):
            await erase.erase_customer(act, customer_id=case.id)
