"""Files that come with an answer by mail: they are on the case, or the remark says why not."""

from collections.abc import AsyncIterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from nowserving.actions.cases import history, notes
from nowserving.actions.files import Opened
from nowserving.actions.house import House
from nowserving.actions.mail_in import take_in
from nowserving.cases.attachment import Attachment, Limits
from nowserving.cases.case import Case, Note
from nowserving.kit.disposition import Span
from nowserving.kit.facts import Fact
from nowserving.kit.http import Unready
from nowserving.people.actor import Actor
from tests.actions.filed import bytes_of, stored
from tests.work.conftest import OpenOne

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
PDF = b"%PDF-1.7\n" + b"x" * 2000


class Nobody:
    """Looks for malware some other day."""

    async def found_in(self, parts: AsyncIterator[bytes]) -> str | None:
        raise Unready()


def an_answer(house: House, case: Case, *, id: str = "<1@x.example>") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Ada Lovelace <ada@example.org>"
    mail["Subject"] = f"Re: x [#{case.number}-{house.vault.mark(case.id)}]"
    mail["Message-ID"] = id
    mail.set_content("Here it is.")
    return mail


async def seen(
    house: House, who: Actor, case: Case
) -> tuple[list[Note], list[Attachment], list[Fact]]:
    async with house.acting(who) as act:
        return (
            await notes(act, case_id=case.id),
            await act.look.files.of(case.id),
            await history(act, case_id=case.id, after=0, most=99),
        )


async def test_files_and_pictures_of_an_answer_are_put_on_its_case(
    house: House, dia: Actor, open_one: OpenOne
) -> None:
    case = await open_one(title="x")
    mail = an_answer(house, case)
    mail.add_alternative("<p>Here it is <img src='cid:a'></p>", subtype="html")
    html = mail.get_payload()[1]  # type: ignore[index]
    html.add_related(PNG, "image", "png", cid="<a>")  # type: ignore[union-attr]
    mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="../../Paß\u202e.pdf")
    mail.add_attachment("a text", filename="why.txt")
    passed_on = EmailMessage()
    passed_on["Subject"] = "old"
    passed_on.set_content("Old words")
    mail.add_attachment(passed_on)
    raw = mail.as_bytes()
    assert await take_in(house, dia.organization_id, raw) is not None
    assert await take_in(house, dia.organization_id, raw) is None, "once only"
    said, files, facts = await seen(house, dia, case)
    assert [(note.author, note.text) for note in said] == [("Ada Lovelace", "Here it is.")]
    assert {(one.name, one.media_type, one.author) for one in files} == {
        ("image.png", "image/png", "Ada Lovelace"),
        ("Paß.pdf", "application/pdf", "Ada Lovelace"),
        ("why.txt", "text/plain", "Ada Lovelace"),
        ("message.eml", "message/rfc822", "Ada Lovelace"),
    }
    [pdf] = [one for one in files if one.name == "Paß.pdf"]
    async with house.acting(dia) as act:
        opened = await Opened.of(act, file_id=pdf.id)
    assert await bytes_of(opened, Span(0, pdf.size)) == PDF
    told = "".join(fact.data + fact.actor for fact in facts)
    assert not any(word in told for word in ("Ada", "Here", ".pdf", "ada@"))


@pytest.mark.parametrize(
    "limits",
    [Limits(file=1000), Limits(case=1000), Limits(organization=1000), Limits(files_of_case=1)],
)
async def test_a_file_that_is_refused_is_named_in_the_remark_and_the_others_stay(
    house: House, dia: Actor, tmp_path: Path, *, open_one: OpenOne, limits: Limits
) -> None:
    assert house.filing is not None
    house.filing = replace(house.filing, limits=limits)
    case = await open_one(title="x")
    mail = an_answer(house, case)
    mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="big.pdf")
    mail.add_attachment(PNG, maintype="image", subtype="png", filename="small.png")
    assert await take_in(house, dia.organization_id, mail.as_bytes()) is not None
    said, files, _ = await seen(house, dia, case)
    assert [note.text for note in said] == ["Here it is.\n\nFiles that were not taken: big.pdf"]
    assert [(one.name, one.size) for one in files] == [("small.png", len(PNG))]
    async with house.acting(dia) as act:
        assert await act.store.requests.take("file_bytes", 0) == len(PNG) + 1


async def test_where_no_files_are_kept_the_remark_says_so(
    house: House, dia: Actor, open_one: OpenOne
) -> None:
    house.filing = None
    case = await open_one(title="x")
    mail = an_answer(house, case)
    mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="a.pdf")
    await take_in(house, dia.organization_id, mail.as_bytes())
    said, files, _ = await seen(house, dia, case)
    assert said[0].text.endswith("Files that were not taken: a.pdf")
    assert files == []


async def test_files_are_held_until_they_were_scanned_and_strangers_leave_none(
    house: House, dia: Actor, tmp_path: Path, *, open_one: OpenOne
) -> None:
    assert house.filing is not None
    house.filing = replace(house.filing, scanner=Nobody())
    case = await open_one(title="x")
    mail = an_answer(house, case)
    mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="a.pdf")
    await take_in(house, dia.organization_id, mail.as_bytes())
    _, [one], _ = await seen(house, dia, case)
    assert one.held
    del mail["Subject"], mail["Message-ID"]
    mail["Subject"] = f"#{case.number}"
    kept = stored(tmp_path)
    assert await take_in(house, dia.organization_id, mail.as_bytes()) is None
    assert stored(tmp_path) == kept
