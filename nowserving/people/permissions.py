"""What can be allowed, and which role allows it.

The roles are those an office knows; a client's roles (Case Manager and so on) are ticked
on the client itself, an agent has the roles of the groups they are in. All but the
integration administrator are Cubu's.
"""

from enum import StrEnum


class Permission(StrEnum):
    """One kind of thing an actor may do at a unit."""

    QUEUE_UP = "queue_up"
    SEE_BOARD = "see_board"
    SEE_LINE = "see_line"
    SERVE = "serve"
    SERVE_FOR_OTHERS = "serve_for_others"
    CHANGE_CASES = "change_cases"
    WORK_CASES = "work_cases"
    SEE_CUSTOMERS = "see_customers"
    MANAGE_CUSTOMERS = "manage_customers"
    FOLLOW = "follow"
    LEAVE = "leave"
    BOOK = "book"
    BOOK_FOR_OTHERS = "book_for_others"
    CALL_OFF = "call_off"
    CHECK_IN = "check_in"
    MANAGE_CALENDARS = "manage_calendars"
    MANAGE_PLACES = "manage_places"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_INTEGRATIONS = "manage_integrations"
    IMPERSONATE = "impersonate"


class Role(StrEnum):
    """A set of permissions with the name people give it."""

    AGENT = "agent"
    POWER_AGENT = "power_agent"
    CASE_MANAGER = "case_manager"
    APPOINTMENTS_MANAGER = "appointments_manager"
    CUSTOMERS_MANAGER = "customers_manager"
    AGENT_IMPERSONATOR = "agent_impersonator"
    USER_ADMIN = "user_admin"
    SERVICE_ADMIN = "service_admin"
    DIRECTORY_ADMIN = "directory_admin"
    INTEGRATION_ADMIN = "integration_admin"
    OWNER = "owner"


_AGENT = frozenset(
    {
        Permission.QUEUE_UP,
        Permission.SEE_BOARD,
        Permission.SEE_LINE,
        Permission.SERVE,
        Permission.WORK_CASES,
        Permission.SEE_CUSTOMERS,
        Permission.BOOK,
        Permission.CALL_OFF,
        Permission.CHECK_IN,
    }
)
_ABOUT_BOOKING = frozenset(
    {
        Permission.BOOK,
        Permission.BOOK_FOR_OTHERS,
        Permission.CALL_OFF,
        Permission.CHECK_IN,
        Permission.SEE_LINE,
    }
)

ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.AGENT: _AGENT,
    Role.POWER_AGENT: _AGENT
    | _ABOUT_BOOKING
    | {Permission.SERVE_FOR_OTHERS, Permission.CHANGE_CASES, Permission.MANAGE_CUSTOMERS},
    Role.CASE_MANAGER: frozenset(
        {
            Permission.QUEUE_UP,
            Permission.SEE_BOARD,
            Permission.SEE_LINE,
            Permission.CHANGE_CASES,
            Permission.WORK_CASES,
            Permission.SEE_CUSTOMERS,
            Permission.CALL_OFF,
            Permission.CHECK_IN,
        }
    ),
    Role.APPOINTMENTS_MANAGER: _ABOUT_BOOKING | {Permission.MANAGE_CALENDARS},
    Role.CUSTOMERS_MANAGER: frozenset({Permission.SEE_CUSTOMERS, Permission.MANAGE_CUSTOMERS}),
    Role.AGENT_IMPERSONATOR: frozenset({Permission.IMPERSONATE}),
    Role.USER_ADMIN: frozenset({Permission.MANAGE_PEOPLE}),
    Role.SERVICE_ADMIN: frozenset({Permission.MANAGE_PLACES, Permission.MANAGE_CALENDARS}),
    Role.DIRECTORY_ADMIN: frozenset({Permission.MANAGE_PLACES, Permission.MANAGE_INTEGRATIONS}),
    Role.INTEGRATION_ADMIN: frozenset({Permission.MANAGE_INTEGRATIONS}),
    Role.OWNER: frozenset(Permission),
}
