"""The programs in docs/receivers.md believe what is right and nothing else."""

import asyncio
import json
import re
import subprocess
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from nowserving.actions.sample import Sample
from nowserving.dialects.native.signing import signed
from tests.dialects.native.conftest import program_of, queued
from tests.rig.interpreters import find_node, find_php

PAGE = Path(__file__).parents[3] / "docs" / "receivers.md"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
NOW = 1764063000
BODY = '{"id":"1","subject":"ä","type":"case.called","ver":2}'.encode()


def programs(language: str) -> list[str]:
    """The programs in a language that stand on the page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def headers(secrets: list[str], *, at: int = NOW, body: bytes = BODY) -> dict[str, str]:
    return signed("msg_1", at, body, secrets)


GOOD = headers([SECRET])
RIGHT = {
    "one signature": (BODY, GOOD),
    "two signatures": (BODY, headers([OTHER, SECRET])),
    "just in time": (BODY, headers([SECRET], at=NOW - 300)),
    "a signature of a new kind beside it": (
        BODY,
        {**GOOD, "webhook-signature": f"v9,xyz {GOOD['webhook-signature']}"},
    ),
}
WRONG = {
    "another body": (BODY.replace(b"2", b"3"), GOOD),
    "a truncated body": (BODY[:-1], GOOD),
    "another id": (BODY, {**GOOD, "webhook-id": "msg_2"}),
    "another time": (BODY, {**GOOD, "webhook-timestamp": str(NOW + 1)}),
    "another secret": (BODY, headers([OTHER])),
    "five minutes ago": (BODY, headers([SECRET], at=NOW - 301)),
    "in five minutes": (BODY, headers([SECRET], at=NOW + 301)),
    "a truncated signature": (BODY, {**GOOD, "webhook-signature": GOOD["webhook-signature"][:-4]}),
    "no signature": (BODY, {**GOOD, "webhook-signature": ""}),
    "an unreadable time": (BODY, {**GOOD, "webhook-timestamp": "yesterday"}),
    "no headers": (BODY, {}),
}

Verdict = Callable[[bytes, dict[str, str]], str | None]
"""What kind of fact a program reads from a request; None if it does not believe it."""


def in_python(body: bytes, given: dict[str, str]) -> str | None:
    program = loaded(programs("python")[0])
    try:
        return str(program["verify"](body, given, SECRET, now=NOW)["type"])
    except ValueError:
        return None


def in_php(body: bytes, given: dict[str, str]) -> str | None:
    driver = """
    [$body, $headers, $secret, $now] = json_decode(file_get_contents('php://stdin'), true);
    try { echo verify(base64_decode($body), $headers, $secret, $now)['type']; }
    catch (Exception $refused) { }
    """
    asked = [b64encode(body).decode(), given, SECRET, NOW]
    return ran([find_php(), "-r", programs("php")[0].removeprefix("<?php") + driver], asked)


def in_node(body: bytes, given: dict[str, str]) -> str | None:
    driver = """
    const [body, headers, secret, now] = JSON.parse(require("node:fs").readFileSync(0));
    try { console.log(verify(Buffer.from(body, "base64"), headers, secret, now).type); }
    catch (refused) { }
    """
    asked = [b64encode(body).decode(), given, SECRET, NOW]
    return ran([find_node(), "-e", programs("js")[0] + driver], asked)


LANGUAGES = {"python": in_python, "php": in_php, "node": in_node}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_right_is_believed(language: str) -> None:
    for how, (body, given) in RIGHT.items():
        assert LANGUAGES[language](body, given) == "case.called", how


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_wrong_is_not(language: str) -> None:
    for how, (body, given) in WRONG.items():
        assert LANGUAGES[language](body, given) is None, how


def test_what_comes_twice_is_done_once() -> None:
    facts = [{"subject": subject, "ver": ver} for subject, ver in TWICE]
    seen = loaded(programs("python")[0])["Seen"]()
    assert [seen.is_new(fact) for fact in facts] == NEW
    php = (
        "$highest = []; $new = []; foreach (json_decode(file_get_contents('php://stdin'), true) "
        "as $fact) $new[] = is_new($fact, $highest); echo json_encode($new);"
    )
    said = ran([find_php(), "-r", programs("php")[0].removeprefix("<?php") + php], facts)
    assert json.loads(said or "") == NEW
    node = (
        'const highest = new Map(); const facts = JSON.parse(require("node:fs").readFileSync(0));'
        "console.log(JSON.stringify(facts.map((fact) => isNew(fact, highest))));"
    )
    said = ran([find_node(), "-e", programs("js")[0] + node], facts)
    assert json.loads(said or "") == NEW


TWICE = [("a", 1), ("b", 1), ("a", 1), ("a", 3), ("a", 2), ("b", 2)]
NEW = [True, True, False, True, False, True]


def test_cubus_signature_is_told_from_others() -> None:
    is_from_cubu = loaded(programs("python")[2])["is_from_cubu"]
    good = "HMAC Cwd8G6hPHRnrdlQWrnUqEkkNdGpFnTkqpIl1Cw8t96k="
    assert is_from_cubu(b'{"caseId":"1"}', good, "secret")
    assert not is_from_cubu(b'{"caseId":"2"}', good, "secret")
    assert not is_from_cubu(b'{"caseId":"1"}', good.lower(), "secret")


def test_vcc_lives_body_is_decrypted() -> None:
    key, iv = "very secret key", "000102030405060708090a0b0c0d0e0f"
    body = "2NRUswPcapLj8R0hr9BgcG5JETywrrnbs5yGOFtqrOSG1In+lxr3P+vl/Qk="
    php = f"echo json_encode(decrypted('{body}', '{key}', '{iv}'));"
    node = f'console.log(JSON.stringify(decrypted("{body}", "{key}", "{iv}")));'
    for command in (
        [find_php(), "-r", programs("php")[1].removeprefix("<?php") + php],
        [find_node(), "-e", programs("js")[1] + node],
    ):
        said = json.loads(ran(command, None) or "")
        assert said == {"action": "delete", "ticket": {"ticketId": 21}}


async def test_the_feed_is_read_piece_by_piece(served: str, branch: Sample) -> None:
    facts_after = loaded(programs("python")[1])["facts_after"]
    found: list[Any] = []
    async with httpx.AsyncClient(base_url=served) as asking, asyncio.timeout(30):
        api = await program_of(asking, branch)
        ids = [await queued(api) for _ in range(3)]
        while len(found) < len(ids):
            cursor = found[-1][1] if found else None
            more = facts_after(served, api.token, cursor)
            found += await asyncio.to_thread(list, more)
            await asyncio.sleep(0.01)
    assert [fact["subject_id"] for fact, _ in found] == ids


def loaded(program: str) -> dict[str, Any]:
    """What a program in Python defines."""
    defined: dict[str, Any] = {}
    exec(compile(program, str(PAGE), "exec"), defined)
    return defined


def ran(command: list[str], asked: Any) -> str | None:
    """What a program says, or nothing."""
    done = subprocess.run(
        command, input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout.strip() or None
