"""Phone numbers and e-mail addresses, in the one form we keep."""

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from nowserving.kit.problems import Invalid


def phone(text: str, country: str) -> str:
    """A phone number in E.164 form; `country` completes one given without a country."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise Invalid(field="phone", reason="not a phone number") from None
    if not phonenumbers.is_possible_number(number):
        raise Invalid(field="phone", reason="not a possible phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email(text: str) -> str:
    """An e-mail address in its normal form. Whether it receives mail is not asked."""
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as wrong:
        raise Invalid(field="email", reason=str(wrong)) from None
