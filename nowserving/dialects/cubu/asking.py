"""Asking in Cubu's words: `POST [base-url]/<entity>/actions/<action>`, signed over the body.

All of an organization's webhooks stand below one base URL and share its secret: those of its
endpoint. A hook says only that one of them is enabled, and where.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec

from nowserving.actions.asking import (
    AboutArrival,
    AboutCase,
    Post,
    Question,
    Sms,
    Unreadable,
)
from nowserving.dialects.cubu.before import BEFORE, read_before, say_before
from nowserving.dialects.cubu.hooks import HMAC, authorization
from nowserving.dialects.cubu.records import SLUG, action_for, read_records, say_records
from nowserving.dialects.cubu.zones import windows_name
from nowserving.kit.ids import token
from nowserving.kit.problems import Invalid
from nowserving.places.endpoints import Endpoint
from nowserving.places.hooks import Hook, HookKind

QUERY_APPOINTMENTS = "beforeQueryAppointments"
SEND_SMS = "sendSms"


Slug = Annotated[str, msgspec.Meta(pattern="^[A-Za-z][A-Za-z-]{3,99}$")]
Action = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{1,100}$")]


class Settings(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`actions`: other names than the documented ones; `slug`: the table of customers there.

    `fields`: which of its fields are the `name`, `phone` and `email` of a customer. `tables`:
    which of the organization's own tables are kept there too, by their slugs.
    """

    actions: dict[Action, Action] = {}
    slug: Slug = SLUG
    fields: dict[Action, list[Annotated[str, msgspec.Meta(max_length=100)]]] = {}
    tables: Annotated[list[Slug], msgspec.Meta(max_length=50)] = []


class CubuWords:
    """What Cubu's webhooks ask. Each action name is a setting: `actions: {sendSms: sendText}`.

    `slug` is what the other side calls its table of customers.
    """

    kinds = frozenset(HookKind) - {HookKind.MOVE}
    below_endpoint = True

    def secret(self) -> str:
        """A new secret; its text is the key."""
        return token()

    def settings(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Other names for actions, and what the other side calls its table of customers."""
        try:
            read = msgspec.convert(dict(given), Settings)
        except msgspec.ValidationError as wrong:
            raise Invalid(field="settings", reason=str(wrong)) from None
        built: dict[str, Any] = msgspec.to_builtins(read)
        return built

    def say(
        self,
        question: Question,
        hook: Hook,
        *,
        endpoint: Endpoint | None,
        secrets: Sequence[str],
        until: datetime,
    ) -> Post:
        """The webhook for a question."""
        assert endpoint is not None, "Cubu's webhooks stand below their base URL"
        entity, action, said = _said(question, hook)
        action = hook.settings.get("actions", {}).get(action, action)
        body = msgspec.json.encode(said)
        headers = {"Webhook-Id": str(question.id)}
        if endpoint.authorization == HMAC:
            headers["Authorization"] = authorization(secrets[0] if secrets else "", body)
        return Post(f"{endpoint.url.rstrip('/')}/{entity}/actions/{action}", body, headers)

    def read(self, question: Question, status: int, body: bytes) -> Any:
        """What was answered."""
        if isinstance(question.about, AboutCase):
            return read_before(question, status, body)
        if question.kind is HookKind.CUSTOMERS:
            return read_records(question.about, status, body)
        if not 200 <= status < 300:
            raise Unreadable(f"it answered {status}")
        return None


def _said(question: Question, hook: Hook) -> tuple[str, str, dict[str, Any]]:
    """Entity, action and body of the webhook for a question."""
    about = question.about
    if isinstance(about, AboutCase):
        return "service", BEFORE[question.kind].action, say_before(question, about)
    if isinstance(about, AboutArrival):
        return "kiosk", QUERY_APPOINTMENTS, _say_arrival(question, about)
    if isinstance(about, Sms):
        return "organization", SEND_SMS, _say_sms(about)
    slug = about.table or str(hook.settings.get("slug", SLUG))
    return "dataTable", action_for(about), say_records(about, slug)


def _say_arrival(question: Question, about: AboutArrival) -> dict[str, Any]:
    return {
        "queryType": "CustomerId",
        "unitId": about.unit_id,
        "kioskId": about.kiosk_id,
        "customerId": about.customer,
        "locale": about.language,
        "timeZoneId": windows_name(question.directory.unit(about.unit_id).time_zone),
    }


def _say_sms(about: Sms) -> dict[str, Any]:
    """Nothing of this page was seen: the form is ours."""
    return {
        "phoneNumber": about.phone,
        "message": about.text,
        "caseId": about.case_id,
        "language": about.language,
    }


WORDS = CubuWords()
