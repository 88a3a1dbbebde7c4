"""Bodies are understood as ASP.NET Web API understands them."""

from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from nowserving.dialects.qflow.binding import (
    ModelInvalid,
    UnknownMediaType,
    bind,
    say_date,
)
from nowserving.dialects.qflow.models import APPOINTMENT_CREATION, CASE_ENQUEUE, CUSTOMER, Model


def wrong(model: Model, body: Any, kind: str = "application/json") -> Any:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    with pytest.raises(ModelInvalid) as raised:
        bind(model, content, kind)
    return raised.value.details["state"]


def test_names_in_any_case_unknown_members_ignored_numbers_as_texts() -> None:
    body = b'{"serviceid": "12", "SUBJECT": "Enrolment", "Unknown": [1], "AutoClose": "True"}'
    bound = bind(CASE_ENQUEUE, body, "text/json; charset=utf-8")
    assert bound.integer("ServiceId") == 12
    assert bound.text("Subject") == "Enrolment"
    assert bound.flag("AutoClose")
    assert bound.given == {"ServiceId", "Subject", "AutoClose"}


def test_absent_is_a_default_and_null_is_none() -> None:
    bound = bind(CUSTOMER, b'{"Sex": null, "PersonalIdTypeId": 3}', "application/json")
    assert bound.integer("CustomerId") == 0
    assert bound.maybe("Sex") is None
    assert bound.maybe("PersonalIdTypeId") == 3
    assert bound.text("FirstName") is None
    assert bind(CUSTOMER, b'{"Sex": ""}', "application/json").maybe("Sex") is None


def test_a_form_has_dictionaries_and_lists() -> None:
    body = b"ServiceId=4&AppointmentDateTime=2026-03-02T10:00:00&CustomerId=1"
    body += b"&Classifications[]=A&Classifications[]=B&CustomProperties[Campus]=City"
    body += b"&CustomProperties.Year=2"
    bound = bind(APPOINTMENT_CREATION, body, "application/x-www-form-urlencoded")
    assert bound.texts("Classifications") == ["A", "B"]
    assert bound.properties("CustomProperties") == {"Campus": "City", "Year": "2"}
    assert str(bound.instant("AppointmentDateTime")) == "2026-03-02 10:00:00"


def test_dates_with_and_without_offset_and_seven_digits() -> None:
    body = (
        b'{"ServiceId":1,"CustomerId":1,"AppointmentDateTime":"2025-06-27T08:08:43.3324837+10:00"}'
    )
    bound = bind(APPOINTMENT_CREATION, body, "application/json")
    zone = timezone(timedelta(hours=10))
    at = datetime(2025, 6, 27, 8, 8, 43, 332483, zone)
    assert bound.instant("AppointmentDateTime") == at
    assert say_date(at) == "2025-06-27T08:08:43.3324830+10:00"


def test_what_is_wrong_is_told_all_at_once() -> None:
    assert wrong(CASE_ENQUEUE, {"ServiceId": "abc", "Subject": "x" * 101}) == {
        "caseEnqueue.ServiceId": [
            "Could not convert string to integer: abc. Path 'ServiceId', line 1."
        ],
        "caseEnqueue.Subject": [
            "The field Subject must be a string or array type with a maximum length of '100'."
        ],
    }
    assert wrong(CUSTOMER, {"Sex": 3}) == {
        "customer.Sex": ["The field Sex must be between 0 and 2."]
    }
    assert wrong(CASE_ENQUEUE, {}) == {
        "caseEnqueue": [
            "Required property 'ServiceId' not found in JSON. Path '', line 1, position 2."
        ]
    }


@pytest.mark.parametrize(
    "body", [b"[1]", b"{", b"\xff", b'{"ServiceId": [1]}', b'{"ServiceId":1e99}']
)
def test_no_object_is_invalid(body: bytes) -> None:
    assert wrong(CASE_ENQUEUE, body)


def test_another_type_is_refused() -> None:
    with pytest.raises(UnknownMediaType):
        bind(CASE_ENQUEUE, b"hello", "text/plain")
