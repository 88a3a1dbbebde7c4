"""Phone numbers and e-mail addresses."""

from collections.abc import Callable

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nowserving.cases import contact
from nowserving.cases.contact import _completed, email, phone
from nowserving.kit.problems import Invalid

CODES = st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)) | st.integers(1, 999)


def said(read: Callable[[str, str], str], text: str) -> str | None:
    try:
        return read(text, "DE")
    except Invalid:
        return None


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("+4930901820", "+4930901820"),
        ("030 901820", "+4930901820"),
        ("0049 30 901820", "+4930901820"),
        ("+49 (0)30 901820", "+4930901820"),
        ("+39 06 698 12345", "+390669812345"),
        ("+12221234567", "+12221234567"),
    ],
)
def test_a_phone_number_is_kept_in_one_form(text: str, kept: str) -> None:
    assert phone(text, "DE") == kept


def test_ten_digits_are_a_number_of_the_organizations_country() -> None:
    for text in ("2122345678", "(212) 234-5678", "+12122345678", "+1 212 234 5678"):
        assert phone(text, "US") == "+12122345678"


@pytest.mark.parametrize("text", ["", "+", "nobody", "+49", "+491", "+999123456789", "1" * 300])
def test_what_is_no_phone_number_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        phone(text, "DE")


def test_a_text_that_is_far_too_long_is_not_looked_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[str] = []
    monkeypatch.setattr(contact, "validate_email", lambda text, **_: looked.append(text))
    with pytest.raises(Invalid):
        email("a" * 1_000_000)
    assert looked == []


@settings(max_examples=1000, deadline=None)
@given(code=CODES, rest=st.text("0123456789", min_size=2, max_size=13))
@example(code=49, rest="030901820")
@example(code=54, rest="91123456789")
@example(code=39, rest="0669812345")
@example(code=1, rest="12221234567")
def test_the_short_way_answers_as_the_long_one(code: int, rest: str) -> None:
    text = f"+{code}{rest}"
    assert said(phone, text) == said(_completed, text)
