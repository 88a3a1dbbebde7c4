"""Phone numbers and e-mail addresses, in the one form we keep."""

import re
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE as REGIONS
from phonenumbers import PhoneMetadata

from nowserving.kit.problems import Invalid

ADDRESS_AT_MOST = 1000
"""Characters; 254 are allowed, but a letter may be made up of several. A text of a megabyte would
be looked through for a second, and everybody else would wait."""


def phone(text: str, country: str) -> str:
    """A phone number in E.164 form; `country` completes one given without a country."""
    return text if _is_kept_as_it_is(text) else _completed(text, country)


def email(text: str) -> str:
    """An e-mail address in its normal form. Whether it receives mail is not asked."""
    if len(text) > ADDRESS_AT_MOST:
        raise Invalid(field="email", reason="The email address is too long.")
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as wrong:
        raise Invalid(field="email", reason=str(wrong)) from None


def _completed(text: str, country: str) -> str:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise Invalid(field="phone", reason="not a phone number") from None
    if not phonenumbers.is_possible_number(number):
        raise Invalid(field="phone", reason="not a possible phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_kept_as_it_is(text: str) -> bool:
    """Is it E.164 already? Programs mostly send that, and parsing takes 20 times as long."""
    digits = text[1:]
    if text[:1] != "+" or not (digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15):
        return False
    for length in (1, 2, 3):
        if int(digits[:length]) in REGIONS:
            possible, prefix = _plan(int(digits[:length]))
            national = digits[length:]
            return len(national) in possible and not (prefix and prefix.match(national))
    return False


@lru_cache(400)
def _plan(code: int) -> tuple[frozenset[int], re.Pattern[str] | None]:
    """How long a country's numbers can be, and the prefix that would be taken off one."""
    plan = PhoneMetadata.metadata_for_region_or_calling_code(code, REGIONS[code][0])
    assert plan is not None, "the library knows each country it names"
    prefix, lengths = plan.national_prefix_for_parsing, plan.general_desc
    assert lengths is not None
    return (
        frozenset((*lengths.possible_length, *lengths.possible_length_local_only)),
        re.compile(prefix) if prefix else None,
    )
