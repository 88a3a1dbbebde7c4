"""The papers of a case: files, notes and history, by plain forms and from the desk."""

import re

import httpx
import pytest
from playwright.async_api import Page

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.hooks.files.clamd import Clamd
from nowserving.people.actor import Actor
from tests.conftest import NewPage
from tests.rig.browser import for_everybody
from tests.web.desk.rig import Desk, at_desk, take_numbers
from tests.web.office import Office


async def send_files(
    desk: Desk, id: object, *files: tuple[str, bytes], **fields: str
) -> httpx.Response:
    """Send the form with files, as a browser does."""
    told = {"csrf": desk.csrf, "key": "", "back": "", **fields}
    parts = [
        f'--xyz\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in told.items()
    ]
    parts += [
        f'--xyz\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for name, content in files
    ]
    desk.client.cookies.clear()
    headers = {
        "Content-Type": "multipart/form-data; boundary=xyz",
        "cookie": "; ".join(f"{n}={v}" for n, v in desk.cookies.items()),
    }
    return await desk.client.post(
        f"/cases/{id}/files", content=b"".join(parts) + b"--xyz--\r\n", headers=headers
    )


async def test_files_go_onto_a_case_and_come_back(
    client: httpx.AsyncClient, branch: Sample, house: House, program: Actor
) -> None:
    (case,) = await take_numbers(house, branch, program, 1)
    desk = await at_desk(client, branch, "ann", 1)
    added = await send_files(desk, case.id, ("Pass <b>.pdf", b"%PDF-1.7 x"), ("b.txt", b"hello"))
    assert (added.status_code, added.headers["location"]) == (303, f"/cases/{case.id}?said=files")
    text = (await desk.get(f"/cases/{case.id}")).text
    assert "Pass &lt;b&gt;.pdf" in text
    assert "10 bytes" in text
    assert text.count("File added") == 2
    files = re.findall(r'href="(/cases/file/[^"]+)"', text)
    got = await desk.get(files[0])
    assert (got.content, got.headers["content-type"]) == (b"%PDF-1.7 x", "application/pdf")
    assert got.headers["content-disposition"].startswith("attachment; ")
    assert got.headers["content-security-policy"].startswith("sandbox")
    removed = await desk.post(f"{files[0]}/remove")
    assert removed.headers["location"] == f"/cases/{case.id}?said=remove"
    assert (await desk.get(files[0])).status_code == 404
    assert "File removed" in (await desk.get(f"/cases/{case.id}")).text


async def test_a_form_that_is_not_ours_adds_nothing(
    client: httpx.AsyncClient, branch: Sample, house: House, program: Actor
) -> None:
    (case,) = await take_numbers(house, branch, program, 1)
    desk = await at_desk(client, branch, "ann", 1)
    for answer in (
        await send_files(desk, case.id, ("a", b"x"), csrf="wrong"),
        await desk.post(f"/cases/{case.id}/note", {}, csrf="wrong", text="Hello"),
    ):
        assert answer.status_code == 403
    none = await send_files(desk, case.id, ("", b""))
    assert none.status_code == 400
    text = (await desk.get(f"/cases/{case.id}")).text
    assert "File added" not in text
    stranger = Desk(client)
    assert (await stranger.get(f"/cases/{case.id}")).status_code == 303
    assert (await send_files(stranger, case.id, ("a", b"x"))).status_code == 303


async def test_a_note_is_for_colleagues_or_for_the_customer_too(
    client: httpx.AsyncClient, branch: Sample, house: House, office: Office
) -> None:
    queued = await office.join()
    desk = await at_desk(client, branch, "ann", 1)
    path = f"/cases/{queued.case.id}"
    await desk.post(f"{path}/note", text="Knows the mayor.", visibility="internal")
    done = await desk.post(f"{path}/note", text="Bring a photo.", visibility="public")
    assert done.headers["location"] == f"{path}?said=note"
    text = (await desk.get(path)).text
    assert text.count("The customer sees it") == 1
    ticket = (await client.get(office.link(queued))).text
    assert "Bring a photo." in ticket
    assert "Knows the mayor." not in ticket


async def test_a_held_file_says_so_and_has_no_address(
    client: httpx.AsyncClient, branch: Sample, house: House, program: Actor
) -> None:
    (case,) = await take_numbers(house, branch, program, 1)
    desk = await at_desk(client, branch, "ann", 1)
    assert house.filing is not None
    house.filing.scanner = Clamd("127.0.0.1:9")
    await send_files(desk, case.id, ("a.txt", b"x"))
    text = (await desk.get(f"/cases/{case.id}")).text
    assert "Being checked" in text
    assert "/cases/file/" not in re.sub(r"/cases/file/[^/]+/remove", "", text)


@pytest.mark.parametrize(("language", "engine_name"), [("de", "postgres"), ("ar", "sqlite")])
async def test_everybody_can_use_the_page_without_scripts(
    served: str, new_page: NewPage, office: Office, language: str
) -> None:
    case = (await office.join()).case
    page: Page = await new_page(
        locale=language, java_script_enabled=False, viewport={"width": 320, "height": 640}
    )
    await page.goto(f"{served}/desk/sign-in")
    await page.fill("#login", "ann")
    await page.fill("#password", "Passw0rd!")
    await page.click("main button.main-thing")
    await page.goto(f"{served}/cases/{case.id}")
    await page.set_input_files(
        "input[type=file]", {"name": "بطاقة.txt", "mimeType": "text/plain", "buffer": b"hello"}
    )
    await page.click("form[enctype] button")
    await page.fill("#text", "Bring a photo.")
    await page.check("input[value=public]")
    await page.click("form:has(#text) button.slim")
    await page.wait_for_selector(".notes li")
    seeing: Page = await new_page(
        locale=language,
        viewport={"width": 320, "height": 640},
        storage_state=await page.context.storage_state(),
    )
    await seeing.goto(f"{served}/cases/{case.id}")
    assert await seeing.inner_text(".files a") == "بطاقة.txt"
    await for_everybody(seeing)


async def test_the_desk_shows_the_files_of_who_is_there(
    client: httpx.AsyncClient, branch: Sample, house: House, program: Actor
) -> None:
    (case,) = await take_numbers(house, branch, program, 1)
    desk = await at_desk(client, branch, "ann", 1)
    await desk.post(f"/desk/case/{case.id}/call")
    added = await send_files(desk, case.id, ("a.txt", b"x"), back="desk")
    assert added.headers["location"] == "/desk"
    text = (await desk.get("/desk")).text
    assert "a.txt" in text
    assert f'href="/cases/{case.id}"' in text
    moved = await desk.get(f"/desk/case/{case.id}")
    assert moved.headers["location"] == f"/cases/{case.id}"
    found = (await desk.get(f"/desk?q={case.ticket}")).text
    assert "found-title" in found or "No" in found
