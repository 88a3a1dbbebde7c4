"""All tables. The organization leads every key and every index (docs/decisions/0004)."""

from nowserving.store.tables.attendance import attendance, back_office_tasks
from nowserving.store.tables.audit import audit
from nowserving.store.tables.base import metadata
from nowserving.store.tables.cases import case_details, cases, notes, series
from nowserving.store.tables.journal import (
    attempts,
    endpoints,
    facts,
    feed,
    feed_heads,
    lanes,
    outbox,
)
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

__all__ = [
    "access_tokens",
    "agents",
    "attempts",
    "attendance",
    "audit",
    "back_office_tasks",
    "case_details",
    "cases",
    "clients",
    "counters",
    "customers",
    "desk_posts",
    "desks",
    "endpoints",
    "facts",
    "feed",
    "feed_heads",
    "fields",
    "groups",
    "idempotency_keys",
    "lanes",
    "memberships",
    "metadata",
    "notes",
    "old_passwords",
    "organizations",
    "outbox",
    "outcomes",
    "queues",
    "routes",
    "series",
    "service_categories",
    "service_types",
    "services",
    "sessions",
    "tags",
    "units",
    "workspaces",
]
