"""What goes wrong is said in one form, and odd input never breaks anything."""

import json
from typing import Any

import httpx
import pytest

from nowserving.actions import views
from nowserving.dialects.native.orders import QueueUp
from nowserving.dialects.native.orders_bookings import OpenDays
from nowserving.dialects.native.orders_work import OpenCase
from nowserving.dialects.native.strict import Malformed, read
from nowserving.kit.problems import Invalid
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import Places, after, queued

MALFORMED = {
    "nothing": b" ",
    "half": b'{"service_number": ',
    "equal names": b'{"service_number": 1, "service_number": 2}',
    "equal names, one escaped": b'{"name": "a", "n\\u0061me": "b"}',
    "equal names inside": b'{"fields": {"a": 1, "a": 2}}',
    "NaN": b'{"fields": {"a": NaN}}',
    "infinity": b'{"fields": {"a": -Infinity}}',
    "too large": b'{"fields": {"a": 1e999}}',
    "too long": b'{"service_number": ' + b"9" * 5000 + b"}",
    "half a letter": b'{"name": "\\ud800"}',
    "half a letter as a name": b'{"\\udfff": 1}',
    "NUL": b'{"name": "a\\u0000b"}',
    "raw NUL": b'{"name": "a\0b"}',
    "deep": b"[" * 100_000,
    "deep objects": b'{"a":' * 50_000,
    "BOM": b"\xef\xbb\xbf{}",
    "UTF-16": '{"service_number": 1}'.encode("utf-16"),
    "Latin-1": '{"name": "J\xfcrgen"}'.encode("latin-1"),
    "UTF-8 surrogate": b'{"name": "\xed\xa0\x80"}',
    "comment": b'{"service_number": 1} // one',
    "two": b"{}{}",
    "form": b"service_number=1",
}

INVALID: dict[str, Any] = {
    "list": [],
    "text": "1",
    "unknown member": {"service_number": 1, "servce": 2},
    "wrong case": {"Service_Number": 1},
    "number as text": {"service_number": "1"},
    "float": {"service_number": 1.5},
    "below": {"service_number": -1},
    "no id": {"service_id": "1"},
    "no channel": {"service_number": 1, "channel": "telepathy"},
    "no priority": {"service_number": 1, "priority": 3},
    "no language": {"service_number": 1, "language": "tlh"},
    "no phone": {"service_number": 1, "phone": "hello"},
    "no email": {"service_number": 1, "email": "hello"},
    "no service": {},
    "service is null": {"service_number": None},
    "two services": {"service_number": 1, "service_ext_ref": "SVC-001"},
    "nested field": {"service_number": 3, "fields": {"company": {"a": 1}}},
    "unknown field": {"service_number": 3, "fields": {"colour": "red"}},
    "long name": {"service_number": 1, "name": "a" * 201},
    "many tags": {"service_number": 1, "tag_ids": ["0" * 32] * 51},
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(body, QueueUp)


@pytest.mark.parametrize("year", ["0001", "1899", "9001", "9999"])
def test_no_day_is_so_far_off_that_nothing_can_be_counted_from_it(year: str) -> None:
    for body, shape in (
        (f'{{"first": "{year}-01-01", "last": "{year}-01-01"}}', OpenDays),
        (f'{{"service_number": 1, "due_at": "{year}-12-31T23:59:59+14:00"}}', OpenCase),
    ):
        with pytest.raises(Invalid) as caught:
            read(body.encode(), shape)
        assert caught.value.details["reason"] == "must be between 1900 and 9000"


def test_an_escaped_escape_is_a_text() -> None:
    body = b'{"service_number": 1, "name": "\\\\u0000 \\u00fc \\ud83d\\ude00"}'
    assert read(body, QueueUp).name == "\\u0000 ü 😀"


def test_the_wrong_member_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        read(b'{"tag_ids": ["no id"]}', QueueUp)
    assert caught.value.details == {"field": "tag_ids[0]", "reason": "Invalid UUID"}


async def test_odd_bodies_are_refused_over_http(api: Api) -> None:
    for name, body in MALFORMED.items():
        refused = await api.ask("POST", "/cases", raw=body, expect=400)
        assert refused.json()["type"] == "/api/v1/docs#malformed", name
    for name, order in INVALID.items():
        raw = json.dumps(order).encode()
        refused = await api.ask("POST", "/cases", raw=raw, expect=422)
        assert refused.json()["detail"], name


async def test_a_body_that_is_too_large_is_refused(api: Api) -> None:
    await api.ask("POST", "/cases", raw=b" " * 1_100_000, expect=413)


async def test_a_move_takes_no_body_but_an_empty_one(api: Api) -> None:
    id = await queued(api)
    await api.post(f"/cases/{id}/pend", {"why": "so"}, expect=422)
    await api.post(f"/cases/{id}/pend", {})


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limit=1&limit=2", "sort=a"])
async def test_a_query_is_read_as_strictly(api: Api, query: str) -> None:
    await api.get(f"/facts?{query}", expect=422)
    id = await queued(api)
    await api.get(f"/cases/{id}?{query}", expect=422)


async def test_every_refusal_has_its_status(api: Api, client: httpx.AsyncClient) -> None:
    nobody, id = Api(client), await queued(api)
    unknown = await nobody.ask("GET", "/units", expect=401)
    assert unknown.headers["www-authenticate"].startswith("Bearer")
    assert unknown.json() == {
        "type": "/api/v1/docs#unknown-caller",
        "title": "Sign in first: the credentials are missing, wrong or out of date.",
        "status": 401,
        "detail": "Sign in first: the credentials are missing, wrong or out of date.",
        "details": {},
    }
    moved_on = await api.post(f"/cases/{id}/start", expect=409)
    assert moved_on["details"] == {"case": id, "state": "waiting", "move": "start"}
    await api.post("/cases", {"service_ext_ref": "nothing"}, expect=404)
    for bad in ("x", "1.x", "9.x", "1.", "."):
        await Api(client, bad).get("/units", expect=401)
    odd = [(b"Authorization", b"Bearer \xb2.xxxxxxxx")]
    assert (await client.get("/api/v1/units", headers=odd)).status_code == 401


async def test_another_method_is_told_which_there_are(api: Api) -> None:
    refused = await api.ask("DELETE", "/cases", expect=405)
    assert refused.headers["allow"] == "GET, HEAD, POST"
    assert (await api.ask("PUT", f"/cases/{await queued(api)}", expect=405)).headers[
        "allow"
    ] == "GET, HEAD, PATCH"


async def test_an_unknown_address_is_a_problem_too(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/nothing")
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["status"]) == (404, 404)


async def test_a_desk_serves_one_at_a_time(api: Api, places: Places) -> None:
    here = {"desk_id": places.desks[0]["id"]}
    first, second = await queued(api), await queued(api)
    await api.post(f"/cases/{first}/call", here)
    busy = await api.post(f"/cases/{second}/call", here, expect=409)
    assert busy["type"] == "/api/v1/docs#desk-busy"
    await api.post(f"/cases/{second}/call")
    await api.post(f"/cases/{second}/start", here, expect=409)


async def test_a_colleague_keeps_what_is_theirs(api: Api, agent: Api) -> None:
    id = await after(agent, "call")
    not_yours = await api.post(f"/cases/{id}/start", expect=409)
    assert not_yours["type"] == "/api/v1/docs#not-yours"


async def test_wrong_credentials_are_refused_and_then_paced(api: Api) -> None:
    order = {"grant_type": "client_credentials", "organization": "demo", "client_secret": "x"}
    someone = {**order, "client_id": "0198c0de-0000-7000-8000-000000000001"}
    for _ in range(30):
        await api.post("/token", someone, expect=401)
    refused = await api.ask("POST", "/token", someone, expect=429)
    assert int(refused.headers["retry-after"]) >= 1


async def test_an_account_is_locked_and_says_for_how_long(client: httpx.AsyncClient) -> None:
    nobody, order = Api(client), {"organization": "demo", "login": "bob", "password": "wrong"}
    for _ in range(10):
        await nobody.post("/sign-in", order, expect=401)
    locked = await nobody.ask("POST", "/sign-in", order, expect=429)
    assert 800 < int(locked.headers["retry-after"]) <= 900
    await nobody.post("/sign-in", {**order, "organization": "nowhere"}, expect=401)


async def test_a_token_comes_as_oauth_wants_it(client: httpx.AsyncClient, branch: Any) -> None:
    form = {"grant_type": "client_credentials"}
    basic = httpx.BasicAuth(str(branch.client.id), branch.client_secret)
    got = await client.post("/api/v1/token", data=form, auth=basic)
    assert (got.status_code, got.json()["token_type"]) == (200, "Bearer")
    again = {**form, "client_id": str(branch.client.id), "client_secret": branch.client_secret}
    assert (await client.post("/api/v1/token", data=again)).status_code == 200
    for bad in ("grant_type=password", "grant_type=a&grant_type=b", "grant_type=%ff", "=&" * 60):
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        refused = await client.post("/api/v1/token", content=bad, headers=kind)
        assert refused.status_code in (400, 422), bad


async def test_of_a_bug_nothing_is_told(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(views, "board_view", broken)
    unit = (await api.get("/units"))["units"][0]["id"]
    answer = await api.ask("GET", f"/units/{unit}/board", expect=500)
    assert "secret" not in answer.text
