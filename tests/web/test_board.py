"""The board over HTTP, on both engines: numbers and desks, and nothing about people."""

import re

import httpx

from nowserving.actions import views
from nowserving.web.board.calls import line_of
from tests.web.office import Office

BOARD = "/board/demo/1"


def shown(html: str) -> list[tuple[str, str]]:
    """The numbers and desks on the board, the newest first."""
    return re.findall(r'class="ticket">([^<]*)<.*?class="desk"[^>]*>([^<]*)<', html, re.DOTALL)


async def test_the_newest_call_is_first(client: httpx.AsyncClient, office: Office) -> None:
    empty = (await client.get(BOARD)).text
    assert "Nobody has been called yet" in empty
    for _ in range(3):
        await office.join()
    await office.call(counter=1)
    await office.call(counter=2)
    assert shown((await client.get(BOARD)).text) == [("A2", "Counter 2"), ("A1", "Counter 1")]
    part = await client.get(f"{BOARD}/now")
    assert shown(part.text) == [("A2", "Counter 2"), ("A1", "Counter 1")]
    kept = {"If-None-Match": part.headers["etag"]}
    await office.join()
    assert (await client.get(f"{BOARD}/now", headers=kept)).status_code == 304


async def test_many_calls_at_once_are_all_told(client: httpx.AsyncClient, office: Office) -> None:
    for _ in range(20):
        await office.join()
    for at in range(20):
        await office.call(counter=at % 4 + 1)
    tickets = [ticket for ticket, _ in shown((await client.get(f"{BOARD}/now")).text)]
    assert tickets == [f"A{number}" for number in range(20, 0, -1)]


async def test_who_is_put_back_into_the_line_is_not_called_any_more(
    client: httpx.AsyncClient, office: Office
) -> None:
    await office.join(service=2)
    case = await office.call()
    await office.undo_call(case.id)
    assert shown((await client.get(f"{BOARD}/now")).text) == []


async def test_a_board_says_nothing_about_people(client: httpx.AsyncClient, office: Office) -> None:
    queued = await office.join(service=3)
    await office.call()
    board = (await client.get(BOARD)).text
    for secret in ("+4930123456", queued.link, str(queued.case.id), "Business licences"):
        assert secret not in board


async def test_a_call_is_spoken_in_the_tickets_language_and_then_in_that_of_the_house(
    office: Office,
) -> None:
    for language in ("de-DE", "en-US"):
        await office.join(language=language)
    async with office.house.acting(office.program) as act:
        unit = (await act.directory()).unit_numbered(1).id
    for counter in (1, 2):
        await office.call(counter=counter)
    async with office.house.acting(office.program) as act:
        english, german = (await views.board_view(act, unit_id=unit)).calls
    said = [(one.language, one.text) for one in line_of(german, "en-US").spoken]
    assert said == [
        ("de-DE", "Nummer A, 1, bitte zu: Counter 1."),
        ("en-US", "Number A, 1, please go to: Counter 1."),
    ]
    assert [one.language for one in line_of(english, "en-US").spoken] == ["en-US"]


async def test_a_board_that_is_not_there(client: httpx.AsyncClient, office: Office) -> None:
    for address in ("/board/demo/9", "/board/none/1", "/board/demo/9/now", "/board/demo/9/live"):
        assert (await client.get(address)).status_code == 404
