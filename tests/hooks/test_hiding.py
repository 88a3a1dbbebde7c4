"""What is secret in a request is not to be read in the answer either."""

import pytest

from nowserving.hooks.hiding import answer_without_secrets

ADDRESS = "https://crm.example/hook?token=tok%2Fen42&page=frontpage&key=tok%2fen+42"
HEADERS = {
    "X-Gate": "sesame/open",
    "X-Small-Gate": "sesame",
    "Authorization": "Bearer abcdef123",
    "Cookie": 'id="für<Ann>"',
    "Accept": "anything",
}


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (b"ok", "ok"),
        (b"X-Gate: sesame/open", "X-Gate: •••"),
        (b'{"gate": "sesame\\/open"}', '{"gate": "•••"}'),
        (b'{"cookie": "id=\\"f\\u00fcr<Ann>\\""}', '{"cookie": "•••"}'),
        ("<p>id=&quot;für&lt;Ann&gt;&quot;".encode(), "<p>•••"),
        (b"Authorization: Bearer abcdef123", "Authorization: •••"),
        (b"no such token: abcdef123", "no such token: •••"),
        (b"GET /hook?token=tok%2Fen42&page=frontpage", "GET /hook?token=•••&page=frontpage"),
        (b"GET /hook?key=tok%2fen+42", "GET /hook?key=•••"),
        (b"tok/en42 is too old", "••• is too old"),
        (b"Accept: anything \xff", "Accept: anything \ufffd"),
    ],
)
def test_what_is_said_back_is_hidden(answer: bytes, kept: str) -> None:
    heard = answer_without_secrets(answer, HEADERS, {"X-Gate", "X-Small-Gate"}, ADDRESS)
    assert heard.decode(errors="replace") == kept


def test_a_mac_of_the_body_is_no_secret() -> None:
    headers = {"Authorization": "HMAC c2lnbmF0dXJl"}
    assert answer_without_secrets(b"HMAC c2lnbmF0dXJl", headers, ()) == b"HMAC c2lnbmF0dXJl"


def test_what_is_short_is_found_anywhere() -> None:
    assert answer_without_secrets(b"1 of 100", {"X-Stage": "1"}, {"X-Stage"}) == b"1 of 100"
