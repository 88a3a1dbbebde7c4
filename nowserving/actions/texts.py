"""Text messages to a customer's phone, sent by whoever sends the organization's.

They are sent at once or not at all: a call to the desk is of no use tomorrow, so they do not
travel with what endpoints are told (docs/decisions/0021).
"""

import asyncio
import random
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.asking import Sms
from nowserving.actions.before import question_of
from nowserving.cases.case import Case
from nowserving.kit.problems import Invalid
from nowserving.kit.texts import kept
from nowserving.people.permissions import Permission
from nowserving.places.hooks import HookKind, NoSms, NotSent
from nowserving.places.services import PhoneRequired

TEXT_AT_MOST = 1600
TRIES = 3
WAIT = 0.5
"""Seconds before the second try at most, and twice as many before the third."""


async def send_sms(act: Act, *, case_id: UUID, text: str) -> None:
    """Send a text to the phone of a case.

    Tried three times within seconds; each time it has the same id, so that a sender who got
    it may know it again. Raises PhoneRequired, NoSms, NotSent, and TooMany for one phone.
    """
    case = await act.look.cases.get(case_id)
    act.must(Permission.SERVE, at=case.unit_id, case=case.id)
    text = kept(text.strip(), field="text", at_most=TEXT_AT_MOST)
    if not text:
        raise Invalid(field="text", reason="empty")
    directory = await act.directory()
    senders = directory.hooks_for(HookKind.SMS, case.unit_id, case.service_id)
    if not senders:
        raise NoSms()
    phone = await _phone(act, case)
    act.house.texts.take((act.actor.organization_id, phone), act.now)
    assert not act.wrote, "nobody is asked while a transaction is open"
    about = Sms(phone, text, case.id, case.language)
    question = await question_of(act, HookKind.SMS, about, directory)
    for left in reversed(range(TRIES)):
        [heard] = await act.house.asks.ask(senders[:1], question)
        if heard.asking is not None:
            act.house.asks.note([heard.asking])
        if heard.failed is None:
            return
        if left:
            await asyncio.sleep(random.uniform(0.5, 1.0) * WAIT * (TRIES - left))
    raise NotSent(hook=senders[0].name)


async def _phone(act: Act, case: Case) -> str:
    details = await act.look.cases.details(case.id)
    if details.phone is not None:
        return details.phone
    customer = None
    if case.use_customer_contact and case.customer_id is not None:
        customer = await act.look.people.customer(case.customer_id)
    if customer is None or customer.phone is None:
        raise PhoneRequired(field="phone")
    return customer.phone
