"""What is set up in the office: statuses, priorities, types, fields, inboxes, codes, references."""

from collections.abc import Mapping
from typing import Any

from nowserving.actions import case_places, codes, kinds, references
from nowserving.actions.act import Act
from nowserving.cases.moves import State
from nowserving.kit.problems import Invalid
from nowserving.places.codes import CodeKind
from nowserving.places.directory import Directory
from nowserving.places.services import Channel
from nowserving.places.statuses import Condition
from nowserving.web import words
from nowserving.web.office.registers import Entry, Register
from nowserving.web.speech import Speech
from nowserving.web.words import N_

CODE_KINDS: Mapping[CodeKind, str] = {
    CodeKind.CLASSIFICATION: N_("Classifications"),
    CodeKind.PROCEDURE: N_("Procedures"),
    CodeKind.PROCEDURE_OPTION: N_("Options of procedures"),
    CodeKind.CANCELLATION_REASON: N_("Reasons to call off"),
    CodeKind.PERSONAL_ID_TYPE: N_("Kinds of personal ids"),
    CodeKind.UNIT_TYPE: N_("Kinds of branches"),
}
CONDITIONS: Mapping[Condition, str] = {
    Condition.OPEN: N_("Open"),
    Condition.CLOSED: N_("Closed"),
}
LEVELS: Mapping[int, str] = {0: N_("As usual"), 1: N_("Raised"), 2: N_("Urgent")}

NAME = Entry("name", N_("Name"), needed=True)
PLACE = Entry(
    "position", N_("Place in the list"), "number", N_("Lower ones come first."), usual="0"
)
ARCHIVED = Entry("archived", N_("No longer offered; what has it keeps it"), "check")


def _states(say: Speech, _: Directory) -> list[tuple[str, str]]:
    return [
        (
            str(one),
            f"{say(CONDITIONS[_condition(one)])} · {words.state(say, one)}",
        )
        for one in sorted(State, key=lambda state: (state.over, list(State).index(state)))
    ]


def _condition(state: State) -> Condition:
    return Condition.CLOSED if state.over else Condition.OPEN


def _types(_: Speech, directory: Directory) -> list[tuple[str, str]]:
    return [(str(one.id), one.name) for one in sorted(directory.types.values(), key=_number)]


def _categories(_: Speech, directory: Directory) -> list[tuple[str, str]]:
    return [(str(id), one.name) for id, one in directory.categories.items()]


def _units(_: Speech, directory: Directory) -> list[tuple[str, str]]:
    units = sorted(directory.units.values(), key=_number)
    return [(str(one.id), one.name) for one in units if not one.archived]


def _coded(kind: CodeKind) -> Any:
    def choices(_: Speech, directory: Directory) -> list[tuple[str, str]]:
        return [(str(one.id), f"{one.code} · {one.name}") for one in directory.codes_of(kind)]

    return choices


def _number(thing: Any) -> int:
    return int(thing.number)


def _position(thing: Any) -> tuple[int, str]:
    return thing.position, thing.name


def _word(kind: Any, text: str, field: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise Invalid(field=field, reason="not one of these") from None


async def _add_status(act: Act, said: Mapping[str, Any]) -> Any:
    state = _word(State, said["state"], "state")
    return await case_places.add_status(
        act, **{**said, "state": state}, condition=_condition(state)
    )


async def _add_priority(act: Act, said: Mapping[str, Any]) -> Any:
    level = {str(one): one for one in LEVELS}.get(said["level"], -1)
    return await case_places.add_priority(act, **{**said, "level": level})


def _type(said: Mapping[str, Any]) -> dict[str, Any]:
    return {**said, "channels": tuple(_word(Channel, one, "channels") for one in said["channels"])}


async def _add_code(act: Act, said: Mapping[str, Any]) -> Any:
    return await codes.add_code(act, **{**said, "kind": _word(CodeKind, said["kind"], "kind")})


STATUSES = Register(
    "statuses",
    N_("Statuses of cases"),
    N_("Your own names for where a case stands, open or closed, in your order."),
    [
        NAME,
        Entry(
            "state",
            N_("Stands on"),
            "choice",
            N_("What it means to the line. A closed one asks how the case was solved."),
            _states,
            needed=True,
            fixed=True,
        ),
        Entry("type_id", N_("Only for this type"), "id", choices=_types, fixed=True),
        PLACE,
        ARCHIVED,
    ],
    lambda directory: sorted(directory.statuses.values(), key=_position),
    lambda say, directory, one: [
        say(CONDITIONS[one.condition]),
        words.state(say, State(one.state)),
        *([directory.types[one.type_id].name] if one.type_id in directory.types else []),
    ],
    lambda act, id, to: case_places.change_status(act, status_id=id, to=to),
    _add_status,
    N_("Add a status"),
)
PRIORITIES = Register(
    "priorities",
    N_("Priorities"),
    N_("Your own names for how urgent a case is."),
    [
        NAME,
        Entry(
            "level",
            N_("How urgent"),
            "choice",
            choices=lambda say, _: [(str(level), say(text)) for level, text in LEVELS.items()],
            needed=True,
            fixed=True,
        ),
        PLACE,
        ARCHIVED,
    ],
    lambda directory: sorted(directory.priorities.values(), key=_position),
    lambda say, _, one: [say(LEVELS[one.level])],
    lambda act, id, to: case_places.change_priority(act, priority_id=id, to=to),
    _add_priority,
    N_("Add a priority"),
)
TYPES = Register(
    "types",
    N_("Types of cases"),
    N_("Finer kinds of business: how long they take, and over which channels."),
    [
        NAME,
        Entry("category_id", N_("Category"), "id", "", _categories, needed=True, fixed=True),
        Entry("minutes", N_("Minutes it takes"), "number", usual="15"),
        Entry("no_show_percent", N_("How many in a hundred do not come"), "number", usual="0"),
        Entry(
            "channels",
            N_("Offered"),
            "several",
            choices=lambda say, _: [(str(one), words.channel(say, one)) for one in Channel],
            usual=Channel.FACE_TO_FACE,
        ),
        Entry("color", N_("Color"), "color", usual=kinds.COLOR),
        Entry("hidden", N_("Not offered to the public"), "check"),
    ],
    lambda directory: sorted(directory.types.values(), key=_number),
    lambda say, directory, one: [
        say.minutes(one.minutes),
        *(words.channel(say, channel) for channel in one.channels),
        *([say(N_("Not offered to the public"))] if one.hidden else []),
    ],
    lambda act, id, to: kinds.change_type(act, type_id=id, to=_type(to)),
    lambda act, said: kinds.add_type(act, **_type(said)),
    N_("Add a type"),
    lambda _, directory, one: directory.categories[one.category_id].name,
)
FIELDS = Register(
    "fields",
    N_("Fields of cases"),
    N_("What is asked of cases, under the label that people and programs read."),
    [
        Entry("name", N_("Label"), needed=True),
        Entry("category_id", N_("Category"), "id", "", _categories, needed=True, fixed=True),
        Entry(
            "slug", N_("Name for programs"), hint=N_("Left empty: made of the label."), fixed=True
        ),
        Entry("required", N_("Must be filled in"), "check"),
        PLACE,
        ARCHIVED,
    ],
    lambda directory: sorted(directory.fields.values(), key=_position),
    lambda say, _, one: [one.slug, *([say(N_("Must be filled in"))] if one.required else [])],
    lambda act, id, to: kinds.change_field(act, field_id=id, to=to),
    lambda act, said: kinds.add_field(act, **{**said, "slug": said["slug"] or None}),
    N_("Add a field"),
    lambda _, directory, one: directory.categories[one.category_id].name,
)
INBOXES = Register(
    "inboxes",
    N_("Inboxes"),
    N_("Lists from which a branch works on letters, mail and complaints."),
    [
        NAME,
        Entry("unit_id", N_("Branch"), "id", "", _units, needed=True, fixed=True),
        Entry("color", N_("Color"), "color", usual="#795548"),
        PLACE,
        ARCHIVED,
    ],
    lambda directory: sorted(
        (one for one in directory.queues.values() if one.inbox), key=_position
    ),
    lambda _, directory, one: [
        service.name for service in directory.services.values() if service.queue_id == one.id
    ],
    lambda act, id, to: case_places.change_inbox(act, queue_id=id, to=to),
    lambda act, said: case_places.add_inbox(act, **said),
    N_("Add an inbox"),
    lambda _, directory, one: directory.units[one.unit_id].name,
)
CODES = Register(
    "codes",
    N_("Codes"),
    N_("Words that other systems name by a code, as clients of Q-Flow do."),
    [
        Entry(
            "kind",
            N_("Kind"),
            "choice",
            choices=lambda say, _: [(str(kind), say(text)) for kind, text in CODE_KINDS.items()],
            needed=True,
            fixed=True,
        ),
        Entry("code", N_("Code"), needed=True, at_most=codes.CODE_AT_MOST),
        Entry("name", N_("Name"), needed=True, at_most=codes.NAME_AT_MOST),
        Entry(
            "parent_id",
            N_("Procedure, for an option"),
            "id",
            choices=_coded(CodeKind.PROCEDURE),
        ),
        ARCHIVED,
    ],
    lambda directory: sorted(
        directory.codes.values(), key=lambda one: (list(CodeKind).index(one.kind), one.number)
    ),
    lambda _, directory, one: [
        one.code,
        f"#{one.number}",
        *([directory.codes[one.parent_id].name] if one.parent_id in directory.codes else []),
    ],
    lambda act, id, to: codes.change_code(act, code_id=id, to=to),
    _add_code,
    N_("Add a code"),
    lambda say, _, one: say(CODE_KINDS[one.kind]),
)
REFERENCE = Entry(
    "ext_ref",
    N_("What another system calls it"),
    at_most=references.REFERENCE_AT_MOST,
)
UNITS = Register(
    "branches",
    N_("Branches in other systems"),
    N_("What other systems call your branches, and how long people should wait there."),
    [
        REFERENCE,
        Entry("type_id", N_("Kind"), "id", choices=_coded(CodeKind.UNIT_TYPE)),
        Entry("wait_target", N_("Minutes nobody should wait longer"), "number"),
    ],
    lambda directory: sorted(
        (one for one in directory.units.values() if not one.archived), key=_number
    ),
    lambda say, directory, one: [
        one.ext_ref,
        *([directory.codes[one.type_id].name] if one.type_id in directory.codes else []),
        say.minutes(one.wait_target),
    ],
    lambda act, id, to: references.change_unit(act, unit_id=id, to=to),
)
SERVICES = Register(
    "services",
    N_("Services"),
    N_("What they cost, what people should bring, and what other systems call them."),
    [
        Entry(
            "price",
            N_("What it costs"),
            hint=N_("As people read it before they book or come."),
            at_most=references.PRICE_AT_MOST,
        ),
        Entry(
            "documents",
            N_("What to bring"),
            "lines",
            N_("A line for each thing."),
            at_most=references.DOCUMENTS_AT_MOST,
        ),
        REFERENCE,
    ],
    lambda directory: sorted(
        (one for one in directory.services.values() if not one.archived), key=_number
    ),
    lambda _say, _directory, one: [one.price, *one.to_bring, one.ext_ref],
    lambda act, id, to: references.change_service(act, service_id=id, to=to),
    group=lambda _, directory, one: directory.units[one.unit_id].name,
)
REGISTERS = {
    one.name: one for one in (STATUSES, PRIORITIES, TYPES, FIELDS, INBOXES, CODES, UNITS, SERVICES)
}
"""Whoever adds a list adds it here."""
