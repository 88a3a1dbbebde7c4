"""What bodies may hold: the models of reference/qflow.md 2, member by member."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a member holds."""

    INTEGER = "integer"
    NUMBER_OR_NOTHING = "integer?"
    TEXT = "string"
    FLAG = "boolean"
    DATE = "date"
    TEXTS = "list"
    PROPERTIES = "dictionary"


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a model. `at_most`: of characters, or of a list's items and each of them."""

    name: str
    kind: Kind = Kind.TEXT
    at_most: int | None = None
    required: bool = False
    between: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A body, by the name of the parameter it is bound to (which is ours: it is not public)."""

    parameter: str
    members: tuple[Member, ...]

    @property
    def by_name(self) -> Mapping[str, Member]:
        """The members by their names in small letters."""
        return {member.name.lower(): member for member in self.members}


def _integer(name: str, *, required: bool = False) -> Member:
    return Member(name, Kind.INTEGER, required=required)


CASE_ENQUEUE = Model(
    "caseEnqueue",
    (
        _integer("CaseId"),
        _integer("ServiceId", required=True),
        Member("ServiceIdExtRef"),
        _integer("CustomerId"),
        Member("ExtRef", at_most=200),
        Member("Notes", at_most=4000),
        Member("Subject", at_most=100),
        Member("ClassificationCode"),
        Member("AutoClose", Kind.FLAG),
        Member("CustomProperties", Kind.PROPERTIES),
        Member("ProcedureExtRef"),
        Member("ProcedureOptionExtRef"),
    ),
)

CASE_STATUS = Model(
    "caseStatus",
    (
        _integer("CaseId"),
        _integer("ProcessId"),
        Member("Notes", at_most=4000),
        Member("ClassificationCode"),
        Member("CustomProperties", Kind.PROPERTIES),
        _integer("Status"),
    ),
)

APPOINTMENT_CREATION = Model(
    "appointment",
    (
        _integer("ProcessId"),
        _integer("CaseId"),
        _integer("ServiceId", required=True),
        Member("AppointmentDateTime", Kind.DATE, required=True),
        _integer("CustomerId", required=True),
        _integer("AppointmentTypeId"),
        Member("Subject", at_most=150),
        Member("Notes", at_most=4000),
        Member("ExtRef", at_most=200),
        Member("Classifications", Kind.TEXTS, at_most=20),
        Member("LanguageCode", at_most=6),
        _integer("ReservedSlotId"),
        _integer("UserId"),
        Member("BookFirstAvailable", Kind.FLAG),
        _integer("DaysToSearch"),
        *(
            Member(f"BookFirstAvail{day}s", Kind.FLAG)
            for day in (
                "Monday",
                "Tuesday",
                "Wednesday",
                "Thursday",
                "Friday",
                "Saturday",
                "Sunday",
            )
        ),
        Member("CustomProperties", Kind.PROPERTIES),
    ),
)

APPOINTMENT_RESCHEDULE = Model(
    "appointment",
    (
        _integer("OriginalProcessId", required=True),
        _integer("CancellationReasonId"),
        Member("CancellationComment"),
        _integer("ProcessId"),
        _integer("CaseId"),
        Member("AppointmentDateTime", Kind.DATE, required=True),
        _integer("ServiceId"),
        _integer("AppointmentTypeId"),
        Member("Subject", at_most=150),
        Member("Notes", at_most=4000),
        Member("ExtRef", at_most=200),
        _integer("ReservedSlotId"),
        _integer("UserId"),
    ),
)

APPOINTMENT_CANCEL = Model(
    "appointment",
    (
        _integer("ProcessId"),
        _integer("UserId"),
        _integer("CancellationReasonId"),
        Member("CancellationReasonExtRef"),
        Member("CancellationComment"),
    ),
)

APPOINTMENT_ENQUEUE = Model(
    "appointment",
    (
        Member("CaseId", Kind.NUMBER_OR_NOTHING),
        Member("ProcessId", Kind.NUMBER_OR_NOTHING),
        Member("PersonalId", at_most=30),
        Member("ForceEarlyLate", Kind.FLAG),
    ),
)

APPOINTMENT_EXT_REF_ENQUEUE = Model(
    "appointment",
    (
        Member("ExtRef"),
        Member("PersonalId", at_most=100),
        Member("PersonalIdTypeExtRef", at_most=200),
        Member("ForceEarlyLate", Kind.FLAG),
    ),
)

CUSTOMER = Model(
    "customer",
    (
        _integer("CustomerId"),
        Member("PersonalId", at_most=30),
        Member("PersonalIdTypeId", Kind.NUMBER_OR_NOTHING),
        Member("PersonalIdTypeExtRef"),
        Member("FirstName", at_most=50),
        Member("LastName", at_most=50),
        Member("Email", at_most=100),
        Member("TelNumber1", at_most=25),
        Member("TelNumber2", at_most=25),
        Member("DOB", Kind.DATE),
        Member("Sex", Kind.NUMBER_OR_NOTHING, between=(0, 2)),
        Member("Notes", at_most=250),
        Member("ExtRef", at_most=200),
        Member("NotificationConsent", Kind.FLAG),
        Member("IsActive", Kind.FLAG),
        Member("CustomProperties", Kind.PROPERTIES),
    ),
)

MERGE_CUSTOMER = Model(
    "customer",
    (
        Member("PersonalId", at_most=30),
        Member("PersonalIdTypeExtRef"),
        Member("PersonalIdNew", at_most=30),
        Member("Notes", at_most=250),
    ),
)

# --- queries --------------------------------------------------------------------------------

CUSTOMER_QUERY = Model("idType", (_integer("idType"), Member("idTypeExtRef", at_most=200)))

CUSTOMERS_QUERY = Model(
    "customers",
    (
        Member("offset", Kind.NUMBER_OR_NOTHING),
        Member("limit", Kind.NUMBER_OR_NOTHING),
        Member("PersonalId", at_most=30),
        Member("FirstName", at_most=50),
        Member("LastName", at_most=50),
        Member("IsActive", Kind.FLAG),
    ),
)

TIMES_QUERY = Model(
    "times",
    (
        _integer("ServiceId"),
        Member("UnitExtRef", at_most=200),
        Member("ServiceExtRef", at_most=200),
        Member("AppointmentTypeExtRef", at_most=200),
        Member("StartDate", Kind.DATE),
        Member("EndDate", Kind.DATE),
        Member("Days", Kind.NUMBER_OR_NOTHING, between=(1, 366)),
        _integer("AppointmentTypeId"),
    ),
)

RESERVATION = Model(
    "reservation",
    (
        _integer("ServiceId", required=True),
        Member("ServiceIdExtRef"),
        Member("AppointmentDateTime", Kind.DATE, required=True),
        _integer("AppointmentTypeId"),
    ),
)

STATISTICS_QUERY = Model(
    "statistics",
    (
        Member("UnitType", Kind.NUMBER_OR_NOTHING),
        Member("UnitLevel", Kind.NUMBER_OR_NOTHING),
        Member("ParentUnitId", Kind.NUMBER_OR_NOTHING),
    ),
)

APPOINTMENTS_QUERY = Model(
    "appointments",
    (
        _integer("CustomerId"),
        Member("From", Kind.DATE),
        Member("To", Kind.DATE),
        Member("offset", Kind.NUMBER_OR_NOTHING),
        Member("limit", Kind.NUMBER_OR_NOTHING),
    ),
)

SERVICES_QUERY = Model(
    "services", (_integer("UnitId"), _integer("ServiceId"), Member("ServiceIdExtRef"))
)
