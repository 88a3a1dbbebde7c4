"""Appointments in the words of iCalendar."""

from collections.abc import Iterable
from datetime import timedelta

from icalendar import Calendar, Event, vDuration

from nowserving import __version__
from nowserving.bookings.appointment import Appointment
from nowserving.cases.case import Case
from nowserving.cases.moves import State
from nowserving.places.directory import Directory

AGAIN_AFTER = timedelta(minutes=15)
"""How often a calendar program should ask again."""

STATUS = {State.PLANNED: "CONFIRMED", State.CANCELED: "CANCELLED"}


def calendar(
    booked: Iterable[tuple[Appointment, Case]],
    directory: Directory,
    *,
    name: str = "",
    url: str | None = None,
) -> bytes:
    """A calendar with some appointments; `url`: where the one appointment in it is followed."""
    whole = Calendar()
    whole.add("prodid", f"-//Nowserving//{__version__}//EN")
    whole.add("version", "2.0")
    whole.add("method", "PUBLISH")
    if name:
        whole.add("x-wr-calname", name)
        whole.add("refresh-interval", vDuration(AGAIN_AFTER), parameters={"VALUE": "DURATION"})
    for appointment, case in booked:
        whole.add_component(event(appointment, case, directory, url))
    return bytes(whole.to_ical())


def event(appointment: Appointment, case: Case, directory: Directory, url: str | None) -> Event:
    """One appointment. Nothing personal: calendar programs hand things on."""
    unit, kind = directory.units[case.unit_id], directory.types[case.type_id]
    said = Event()
    said.add("uid", f"{case.id}@nowserving")
    said.add("dtstamp", case.state_at)
    said.add("sequence", case.version)
    said.add("dtstart", appointment.starts_at)
    said.add("dtend", appointment.ends_at)
    said.add("summary", f"{case.ticket} {kind.name}".strip())
    said.add("description", directory.services[case.service_id].name)
    said.add("location", ", ".join(part for part in (unit.name, unit.address) if part))
    said.add("status", STATUS.get(case.state, "CONFIRMED"))
    if url is not None:
        said.add("url", url)
    return said
