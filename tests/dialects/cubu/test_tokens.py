"""How a registered application gets its token."""

from base64 import b64encode
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from nowserving.actions.house import House
from tests.dialects.cubu.conftest import Program

MULTIPART_OF_DOTNET = "\r\n".join(
    [
        "--{boundary}",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Disposition: form-data; name={name}",
        "",
        "{value}",
        "",
    ]
)


async def ask(demo: Program, **changed: str | None) -> httpx.Response:
    """Ask for a token, with some of the fields changed or (None) left out."""
    fields = {**demo.credentials, **changed}
    given = {name: value for name, value in fields.items() if value is not None}
    return await demo.client.post(demo.token_address, data=given)


def word(answer: httpx.Response) -> tuple[int, str]:
    """Status and word of a refusal, which is never kept by a cache."""
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"
    said: dict[str, Any] = answer.json()
    assert set(said) == {"error", "error_description"}
    return answer.status_code, said["error"]


async def test_a_token_is_given_and_opens_the_door(demo: Program) -> None:
    answer = await ask(demo)
    said = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert list(said) == ["token_type", "expires_in", "ext_expires_in", "access_token"]
    assert said["token_type"] == "Bearer"
    assert said["expires_in"] == said["ext_expires_in"] == 3599
    demo.token = said["access_token"]
    assert (await demo.queue_up(demo.services[0])).status_code == 201


async def test_the_request_may_be_multipart(demo: Program) -> None:
    parts: Any = {name: (None, value) for name, value in demo.credentials.items()}
    answer = await demo.client.post(demo.token_address, files=parts)
    assert answer.status_code == 200, answer.text


async def test_the_request_may_be_multipart_as_dotnet_writes_it(demo: Program) -> None:
    boundary = str(uuid4())
    parts = [
        MULTIPART_OF_DOTNET.format(boundary=boundary, name=name, value=value)
        for name, value in demo.credentials.items()
    ]
    answer = await demo.client.post(
        demo.token_address,
        content="".join(parts) + f"--{boundary}--\r\n",
        headers={"Content-Type": f'multipart/form-data; boundary="{boundary}"'},
    )
    assert answer.status_code == 200, answer.text


async def test_credentials_may_come_as_http_basic(demo: Program) -> None:
    pair = f"{demo.made.client.id}:{demo.made.client_secret}".encode()
    fields = {"grant_type": "client_credentials", "scope": demo.credentials["scope"]}
    answer = await demo.client.post(
        demo.token_address,
        data=fields,
        headers={"Authorization": f"Basic {b64encode(pair).decode()}"},
    )
    assert answer.status_code == 200, answer.text


async def test_ids_may_be_written_in_any_way(demo: Program) -> None:
    id = f"{{{str(demo.made.client.id).upper()}}}"
    answer = await ask(demo, client_id=id, scope=f"{demo.made.client.id.hex}/.default")
    assert answer.status_code == 200, answer.text


WRONG_FIELDS: list[tuple[dict[str, str | None], int, str]] = [
    ({"grant_type": None}, 400, "invalid_request"),
    ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ({"client_id": None}, 400, "invalid_request"),
    ({"client_id": "me"}, 401, "invalid_client"),
    ({"client_secret": None}, 400, "invalid_request"),
    ({"client_secret": "wrong"}, 401, "invalid_client"),
    ({"scope": None}, 400, "invalid_request"),
    ({"scope": "openid"}, 400, "invalid_scope"),
    ({"scope": f"{UUID(int=1)}/.default"}, 400, "invalid_scope"),
]


async def test_a_wrong_request_is_refused_in_the_words_of_oauth(demo: Program) -> None:
    for changed, status, error in WRONG_FIELDS:
        assert word(await ask(demo, **changed)) == (status, error), changed


async def test_an_unknown_client_is_refused_like_a_wrong_secret(demo: Program) -> None:
    nobody = uuid4()
    unknown = await ask(demo, client_id=str(nobody), scope=f"{nobody}/.default")
    wrong = await ask(demo, client_secret="wrong")
    assert word(unknown) == word(wrong) == (401, "invalid_client")
    assert unknown.content == wrong.content


async def test_an_unknown_tenant_is_refused_where_there_are_several(
    demo: Program, other: Program
) -> None:
    for tenant in (UUID(int=1), "common"):
        for program in (demo, other):
            address = f"/{tenant}/oauth2/v2.0/token"
            answer = await demo.client.post(address, data=program.credentials)
            assert word(answer) == (400, "invalid_request")


async def test_the_only_tenant_is_meant_by_whatever_id_a_program_brings(demo: Program) -> None:
    for tenant in (UUID(int=1), "common", "contoso.onmicrosoft.com"):
        answer = await demo.client.post(f"/{tenant}/oauth2/v2.0/token", data=demo.credentials)
        assert answer.status_code == 200, answer.text
        demo.token = answer.json()["access_token"]
        assert (await demo.queue_up(demo.services[0])).status_code == 201
        wrong = {**demo.credentials, "client_secret": "wrong"}
        refused = await demo.client.post(f"/{tenant}/oauth2/v2.0/token", data=wrong)
        assert word(refused) == (401, "invalid_client")


async def test_a_client_has_no_token_at_another_tenant(demo: Program, other: Program) -> None:
    answer = await demo.client.post(other.token_address, data=demo.credentials)
    assert word(answer) == (401, "invalid_client")


NO_FORMS = [
    ("application/json", b"{}"),
    ("application/x-www-form-urlencoded", b"\xff\xfe=1"),
    ("application/x-www-form-urlencoded", b"scope=a&scope=a"),
    ("application/x-www-form-urlencoded", b"&".join(b"a=%d" % n for n in range(200))),
    ("multipart/form-data", b"--"),
    ("multipart/form-data; boundary=x", b"--x\r\n\r\nno name\r\n--x--\r\n"),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="scope"\r\n\r\n\xff\xfe\r\n--x--\r\n',
    ),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="scope"\r\n'
        b"Content-Type: text/plain; charset=klingon\r\n\r\na\r\n--x--\r\n",
    ),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="scope"; filename="a.txt"\r\n'
        b"\r\na\r\n--x--\r\n",
    ),
]


async def test_what_is_no_form_is_refused(demo: Program) -> None:
    for kind, content in NO_FORMS:
        answer = await demo.client.post(
            demo.token_address, content=content, headers={"Content-Type": kind}
        )
        assert word(answer) == (400, "invalid_request"), content


async def test_a_form_of_ten_megabytes_is_refused(demo: Program) -> None:
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        answer = await demo.client.post(
            demo.token_address,
            content=b"a" * 10_000_000,
            headers={"Content-Type": f"{kind}; boundary=x"},
        )
        assert word(answer) == (413, "invalid_request")


async def test_other_methods_are_refused(demo: Program) -> None:
    answer = await demo.client.get(demo.token_address)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_whoever_guesses_is_slowed_down_and_let_in_again(demo: Program, house: House) -> None:
    now = house.clock()
    house.clock = lambda: now
    for _ in range(30):
        assert word(await ask(demo, client_secret="guess")) == (401, "invalid_client")
    hasty = await ask(demo)
    assert word(hasty) == (429, "temporarily_unavailable")
    assert hasty.headers["retry-after"] == "2"
    house.clock = lambda: now + timedelta(seconds=2)
    assert (await ask(demo)).status_code == 200


async def test_whoever_knows_the_secret_may_ask_often(demo: Program, house: House) -> None:
    now = house.clock()
    house.clock = lambda: now
    for _ in range(40):
        assert (await ask(demo)).status_code == 200
