"""ClamAV looks through files, and what it has not seen is given to nobody."""

import asyncio

import httpx
import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.actions.sweeping import scan_held
from nowserving.hooks.files.clamd import Clamd
from nowserving.kit.http import Unready
from tests.actions.filed import sent
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import program_of, queued
from tests.hooks.files.conftest import EICAR, Daemon


async def test_it_tells_malware_from_others(clamd: Daemon) -> None:
    scanner = Clamd(clamd.address)
    assert await scanner.found_in(sent(b"harmless" * 100_000)) is None
    assert await scanner.found_in(sent(EICAR)) == "Eicar-Signature"
    assert await scanner.found_in(sent(b"")) is None
    assert clamd.seen == [800_000, len(EICAR), 0]


async def test_without_a_clear_answer_nothing_is_clean(clamd: Daemon) -> None:
    scanner = Clamd(clamd.address, patience=5)
    clamd.stream_at_most = 1000
    with pytest.raises(Unready):
        await scanner.found_in(sent(b"x" * 5_000_000))
    for said in (b"", b"ERROR\0", b"stream: OK", b"stream: ERROR\0"):
        clamd.says = said
        with pytest.raises(Unready):
            await scanner.found_in(sent(b"x"))


async def test_a_scanner_that_is_away_is_told_so(tmp_path: object) -> None:
    for address in ("127.0.0.1:9", f"{tmp_path}/no.sock"):
        with pytest.raises(Unready):
            await Clamd(address).found_in(sent(b"x"))


async def test_a_file_goes_its_way(
    client: httpx.AsyncClient, branch: Sample, house: House, clamd: Daemon
) -> None:
    """Held while the scanner is away; then given out, or removed with a fact."""
    api = await program_of(client, branch)
    assert house.filing is not None
    house.filing.scanner = Clamd("127.0.0.1:9")
    id = await queued(api)
    good, bad = [await added(api, id, content) for content in (b"good", b"z" + EICAR)]
    assert good["held"] is bad["held"] is True
    refused = await api.get(f"/files/{bad['id']}/content", expect=409)
    assert refused["type"] == "/api/v1/docs#file-held"
    with pytest.raises(Unready):
        await scan_held(house)
    house.filing.scanner = Clamd(clamd.address)
    house.filing.stir()
    async with asyncio.timeout(60):
        while len(left := (await api.get(f"/cases/{id}/files"))["files"]) > 1 or left[0]["held"]:
            assert left
            await asyncio.sleep(0.02)
    assert left == [{**good, "held": False}]
    await api.ask("GET", f"/files/{good['id']}/content")
    await api.get(f"/files/{bad['id']}", expect=404)
    facts = (await api.get(f"/cases/{id}/history"))["facts"]
    told = {fact["kind"]: fact["data"] for fact in facts}
    assert told["case.detached"]["why"] == "malware"
    assert told["case.file_cleared"]["file_id"] == good["id"]


async def added(api: Api, id: str, content: bytes) -> dict[str, object]:
    """Put a file on a case."""
    answer = await api.ask("POST", f"/cases/{id}/files/plain?name=a", raw=content, expect=201)
    found: dict[str, object] = answer.json()["files"][0]
    return found
