"""Activities on a case (task, call, meeting): cases below it, with a time until when (ours)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from nowserving.actions.act import Act
from nowserving.actions.open_case import open_case
from nowserving.cases.admission import Request
from nowserving.cases.case import Case
from nowserving.cases.work import Opening
from nowserving.dialects.wolkvox.names import case_with, urgency_called, user_called
from nowserving.dialects.wolkvox.wire import Asked, Given
from nowserving.dialects.wolkvox.words import Unmet
from nowserving.kit.problems import Invalid
from nowserving.places.directory import Directory
from nowserving.places.services import Service

KINDS = ("task", "call", "meeting")
_KEPT = ("remember", "reminder_date", "location", "phone", "participants", "start_date", "status")


async def insert_activity(act: Act, wanted: Asked, given: Given) -> Case:
    """Open an activity below the case it belongs to."""
    fields = given.object("fields")
    of = Given(fields)
    of.needed("name", "name_module", "id_record")
    if of.must("name_module").strip().lower() != "cases":
        raise Unmet(field="name_module", reason="activities belong to cases")
    kind = (given.text("type") or of.text("type") or "task").strip().lower()
    if kind not in KINDS:
        raise Unmet(field="type", reason=f"one of {', '.join(KINDS)}")
    parent = await case_with(act, of.must("id_record"))
    directory = await act.directory()
    service, type_id = _place(directory, parent)
    urgency = urgency_called(directory, of.text("priority") or "normal")
    owner = of.raw("wolkvox_owner")
    user = owner.get("user") if isinstance(owner, dict) else of.text("wolkvox_owner")
    agent = None
    if user is not None:
        agent = await user_called(act, "wolkvox_owner", str(user), wanted.operation)
    due = of.text("completion_date") or of.text("start_date")
    zone = directory.units[service.unit_id].zone
    opening = Opening(
        Request(
            service_id=service.id,
            type_id=type_id,
            customer_id=parent.customer_id,
            use_customer_contact=parent.use_customer_contact,
            priority=urgency.level,
        ),
        title=of.must("name"),
        description=of.text("description"),
        priority_id=urgency.id,
        parent_id=parent.id,
        owner_id=agent.id if agent else parent.owner_id,
        assigned_to=agent.id if agent else parent.assigned_to,
        due_at=read_time("completion_date", due, zone) if due else None,
        extras={"wolkvox_activity": {"type": kind, **_kept(fields)}},
    )
    return (await open_case(act, opening)).case


def read_time(field: str, text: str, zone: ZoneInfo) -> datetime:
    """`YYYY-MM-DD HH:MM`, with or without seconds, by a clock; Invalid if it is none."""
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"):
        try:
            at = datetime.strptime(text.strip(), form).replace(tzinfo=zone)
        except ValueError:
            continue
        if 1970 < at.year < 9999:
            return at
    raise Invalid(field=field, reason="must be YYYY-MM-DD HH:MM")


def _place(directory: Directory, parent: Case) -> tuple[Service, Any]:
    """The service of the case; if that one has a line, the first that has none."""
    service = directory.services[parent.service_id]
    if not service.archived and not directory.lined(service):
        return service, parent.type_id
    for one in sorted(directory.services.values(), key=lambda one: one.number):
        if not one.archived and not directory.lined(one):
            return one, None
    raise Unmet(field="module", reason="there is no place for activities")


def _kept(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in _KEPT if fields.get(name) is not None}
