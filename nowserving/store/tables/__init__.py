"""All tables. The organization leads every key and every index (docs/decisions/0004)."""

from nowserving.store.tables.attendance import attendance, back_office_tasks
from nowserving.store.tables.audit import audit
from nowserving.store.tables.base import metadata
from nowserving.store.tables.bookings import (
    appointments,
    blocks,
    calendar_feeds,
    calendars,
    holds,
    plans,
    slots,
)
from nowserving.store.tables.cases import case_details, cases, note_drafts, notes, series
from nowserving.store.tables.data_records import data_record_keys, data_records
from nowserving.store.tables.data_tables import data_tables
from nowserving.store.tables.deliveries import attempt_contents, attempts, replays, warnings
from nowserving.store.tables.files import attachments, loose_files, uploads
from nowserving.store.tables.hooks import askings, hooks
from nowserving.store.tables.journal import (
    endpoints,
    facts,
    feed,
    feed_heads,
    lanes,
    outbox,
)
from nowserving.store.tables.letters import letters, letters_seen, mailboxes
from nowserving.store.tables.notices import notices
from nowserving.store.tables.people import (
    access_tokens,
    agents,
    clients,
    customers,
    groups,
    memberships,
    old_passwords,
    sessions,
)
from nowserving.store.tables.places import (
    codes,
    desk_posts,
    desks,
    fields,
    organizations,
    outcomes,
    queues,
    routes,
    service_categories,
    service_types,
    services,
    tags,
    units,
    workspaces,
)
from nowserving.store.tables.requests import counters, idempotency_keys
from nowserving.store.tables.tokens import api_tokens, token_uses
from nowserving.store.tables.work import (
    case_links,
    case_priorities,
    case_statuses,
    case_words,
    customer_keys,
    customer_words,
    saved_filters,
    words_backlog,
)

__all__ = [
    "access_tokens",
    "agents",
    "api_tokens",
    "appointments",
    "askings",
    "attachments",
    "attempt_contents",
    "attempts",
    "attendance",
    "audit",
    "back_office_tasks",
    "blocks",
    "calendar_feeds",
    "calendars",
    "case_details",
    "case_links",
    "case_priorities",
    "case_statuses",
    "case_words",
    "cases",
    "clients",
    "codes",
    "counters",
    "customer_keys",
    "customer_words",
    "customers",
    "data_record_keys",
    "data_records",
    "data_tables",
    "desk_posts",
    "desks",
    "endpoints",
    "facts",
    "feed",
    "feed_heads",
    "fields",
    "groups",
    "holds",
    "hooks",
    "idempotency_keys",
    "lanes",
    "letters",
    "letters_seen",
    "loose_files",
    "mailboxes",
    "memberships",
    "metadata",
    "note_drafts",
    "notes",
    "notices",
    "old_passwords",
    "organizations",
    "outbox",
    "outcomes",
    "plans",
    "queues",
    "replays",
    "routes",
    "saved_filters",
    "series",
    "service_categories",
    "service_types",
    "services",
    "sessions",
    "slots",
    "tags",
    "token_uses",
    "units",
    "uploads",
    "warnings",
    "words_backlog",
    "workspaces",
]
