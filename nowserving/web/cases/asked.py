"""From the list's form to a filter, and what its fields show."""

from collections.abc import Mapping
from uuid import UUID

from nowserving.cases.finding import Filter, Order
from nowserving.kit.clock import instant, micros
from nowserving.places.statuses import Condition
from nowserving.store.finding import After

USUAL = Filter(condition=Condition.OPEN, lined=False)
"""What is listed when nothing is asked for: open cases that stand in no line."""


def filter_of(query: Mapping[str, str], me: UUID | None) -> Filter:
    """The filter that the form asks for; what cannot be read is not asked."""
    if not any(name in query for name in FIELDS):
        return USUAL
    who, condition = query.get("who", ""), query.get("condition", "")
    return Filter(
        text=query.get("q", "")[:200].strip(),
        condition=Condition(condition) if condition in list(Condition) else None,
        unit_ids=_only(query.get("unit")),
        type_ids=_only(query.get("type")),
        status_ids=_only(query.get("status")),
        tag_ids=_only(query.get("tag")),
        assigned_to=me if who == "mine" else None,
        owner_id=me if who == "owned" else None,
        unassigned=who == "nobody",
        escalated=True if query.get("late") else None,
        lined=None if query.get("lined") else False,
        order=_order(query.get("order", "")),
    )


FIELDS = (*("q", "condition", "unit", "type", "status", "tag", "who", "late", "lined", "order"),)


def fields_of(wanted: Filter, me: UUID | None) -> dict[str, str]:
    """What the form's fields show for a filter, as its query has them."""
    who = "nobody" if wanted.unassigned else ""
    if me is not None and me in (wanted.assigned_to, wanted.owner_id):
        who = "mine" if wanted.assigned_to == me else "owned"
    shown = {
        "q": wanted.text,
        "condition": wanted.condition or "any",
        "unit": _first(wanted.unit_ids),
        "type": _first(wanted.type_ids),
        "status": _first(wanted.status_ids),
        "tag": _first(wanted.tag_ids),
        "who": who,
        "late": "1" if wanted.escalated else "",
        "lined": "1" if wanted.lined is None else "",
        "order": wanted.order,
    }
    return {name: str(value) for name, value in shown.items()}


def after_of(text: str) -> After | None:
    """Where a page goes on; from the beginning if that cannot be read."""
    due, _, id = text.partition(".")
    try:
        at = instant(int(due)) if due.isdecimal() and len(due) <= 17 else None
        return After(UUID(id), at)
    except (ValueError, OverflowError):
        return None


def cursor(after: After) -> str:
    """Where a page goes on, in an address."""
    return f"{micros(after.due_at) if after.due_at else '-'}.{after.id}"


def id_of(text: str | None) -> UUID | None:
    """An id in a form; None if there is none."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _only(text: str | None) -> tuple[UUID, ...]:
    found = id_of(text)
    return () if found is None else (found,)


def _first(ids: tuple[UUID, ...]) -> str:
    return str(ids[0]) if ids else ""


def _order(text: str) -> Order:
    return Order(text) if text in list(Order) else Order.NEWEST
