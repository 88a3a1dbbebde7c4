"""What somebody who has booked reads of it, in their language: as a mail, and as a text message."""

from collections.abc import Mapping

from nowserving.actions.booking_order import Booked
from nowserving.actions.notices import Written
from nowserving.actions.ticket import link_of
from nowserving.bookings.notice import Occasion
from nowserving.web import words
from nowserving.web.pages import draw
from nowserving.web.speech import base_of, speech
from nowserving.web.words import N_

SUBJECTS: Mapping[Occasion, str] = {
    Occasion.BOOKED: N_("Your appointment: %(when)s"),
    Occasion.MOVED: N_("Your appointment has been moved: %(when)s"),
    Occasion.CALLED_OFF: N_("Your appointment was canceled: %(when)s"),
    Occasion.DAY_BEFORE: N_("Reminder: your appointment, %(when)s"),
    Occasion.HOURS_BEFORE: N_("Reminder: your appointment, %(when)s"),
}
OPENINGS: Mapping[Occasion, str] = {
    Occasion.BOOKED: N_("Your appointment is booked."),
    Occasion.MOVED: N_("Your appointment has another time now."),
    Occasion.CALLED_OFF: N_("Your appointment is canceled; nobody expects you any more."),
    Occasion.DAY_BEFORE: N_("This is to remind you of your appointment."),
    Occasion.HOURS_BEFORE: N_("This is to remind you of your appointment."),
}


def written(occasion: Occasion, booked: Booked, base_url: str) -> Written:
    """A notice in the language of the case; times are the unit's, and its zone is named."""
    case, directory = booked.case, booked.directory
    organization, unit = directory.organization, directory.unit(case.unit_id)
    say = speech(base_of(case.language), organization.country)
    at, service = booked.appointment.starts_at, directory.service(case.service_id)
    short = f"{say.short_date(at, unit.zone)}, {say.time(at, unit.zone)}"
    canceled = occasion is Occasion.CALLED_OFF
    link = f"{base_url}/b/{link_of(organization, booked.link)}"
    if canceled:
        link = f"{base_url}/book/{organization.slug}/{unit.number}"
    name = " ".join((booked.details.name or "").split())
    rows = [
        (
            say("When"),
            f"{say.date(at, unit.zone)}, {say.time(at, unit.zone)} ({say.zone(at, unit.zone)})",
        ),
        (say("Service"), service.name),
        (say("Where"), ", ".join(part for part in (unit.name, unit.address) if part)),
    ]
    if not canceled:
        needs = words.needs(say, booked.details.needs)
        told = [
            (say("You need"), needs),
            (say("What it costs"), service.price),
            (say("Please bring"), "; ".join(service.to_bring)),
        ]
        rows += [(label, text) for label, text in told if text]
        rows += [(say("Your number"), str(case.ticket))] if str(case.ticket) else []
        rows.append((say("Code for checking in"), booked.code))
    said = {
        "subject": say(SUBJECTS[occasion], when=short),
        "hello": say("Hello %(name)s,", name=name) if name else say("Hello,"),
        "opening": say(OPENINGS[occasion]),
        "rows": rows,
        "what": say("Book another one:")
        if canceled
        else say("Move or cancel it, without an account:"),
        "link": link,
        "ways": []
        if canceled
        else [(say("Move it"), f"{link}/move"), (say("Cancel it"), f"{link}/cancel")],
        "organization": organization.name,
    }
    sms = f"{said['subject']}, {service.name}, {unit.name}."
    if not canceled:
        sms += f" {say('Move or cancel:')} {link}"
    return Written(
        subject=" ".join(str(said["subject"]).split()),
        text=draw("booking/letter.txt", say, **said).decode(),
        page=draw("booking/letter.html", say, **said).decode(),
        sms=sms,
    )
