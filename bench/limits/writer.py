"""The least a SQLite file can be written with: one loop, the same rows, the same batches."""

import os
import sqlite3
import time
from itertools import count
from pathlib import Path
from uuid import uuid4

from bench.branch import Branch
from bench.figures import Figures

_NUMBERS = count(10_000_000)


def write_tickets(branch: Branch, *, batch: int, seconds: float) -> Figures:
    """Take tickets in batches, as fast as one thread can, with nobody to answer."""
    path = Path(branch.url.removeprefix("sqlite:///"))
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = wal", "synchronous = full", "wal_autocheckpoint = 4000"):
        connection.execute(f"pragma {pragma}")
    cpu, begins = time.process_time(), time.perf_counter()
    latencies: list[float] = []
    ended = begins
    while ended - begins < seconds:
        started = ended
        _write(connection, branch, batch)
        ended = time.perf_counter()
        latencies += [ended - started] * batch
    connection.close()
    spent = time.process_time() - cpu
    return Figures(
        f"writer, batches of {batch}",
        len(latencies),
        ended - begins,
        sorted(latencies),
        {"database": spent},
    )


def _write(connection: sqlite3.Connection, branch: Branch, batch: int) -> None:
    organization, service = str(branch.organization.id), branch.services[0]
    now = time.time_ns() // 1000
    ids = [str(uuid4()) for _ in range(batch)]
    connection.execute("begin immediate")
    taken, last_at = connection.execute(
        "insert into series (organization_id, service_id, day, taken, last_at) "
        "values (?, ?, '2000-01-01', ?, ?) "
        "on conflict (organization_id, service_id, day) do update set "
        "taken = taken + excluded.taken, last_at = max(last_at + ?, excluded.last_at) "
        "returning taken, last_at",
        (organization, str(service.id), batch, now, batch),
    ).fetchone()
    for table, columns, rows in (
        ("cases", _CASE, _cases(branch, ids, taken - batch, last_at)),
        ("case_details", ("organization_id", "case_id", "fields"), _each(organization, ids, "{}")),
        ("facts", _FACT, [_fact(organization, id, branch, now) for id in ids]),
        (
            "outbox",
            ("organization_id", "subject_id", "version", "kind"),
            _each(organization, ids, 1, "case.queued"),
        ),
        ("idempotency_keys", _KEY, [_key(organization, branch, now) for _ in ids]),
    ):
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"insert into {table} ({', '.join(columns)}) values ({marks})", rows)
    connection.execute("commit")


_CASE = (
    *("organization_id", "id", "number", "version", "state", "unit_id", "queue_id", "service_id"),
    *("category_id", "type_id", "channel", "language", "day", "sequence", "prefix"),
    *("ticket_number", "suffix", "priority", "rank", "callable_at", "opened_at", "joined_at"),
    *("reference_at", "state_at", "calls", "use_customer_contact", "tag_ids", "extras", "link"),
)
_FACT = ("organization_id", "subject_id", "version", "id", "kind", "at", "actor", "data")
_KEY = ("organization_id", "principal", "key", "fingerprint", "status", "headers", "body", "at")


def _cases(branch: Branch, ids: list[str], taken: int, at: int) -> list[tuple[object, ...]]:
    service = branch.services[0]
    fixed = (
        *(str(service.unit_id), str(service.queue_id), str(service.id)),
        *(str(service.category_id), str(branch.kind.id), "face_to_face", "en-US", "2000-01-01"),
    )
    return [
        (
            *(str(branch.organization.id), id, next(_NUMBERS), 1, "waiting", *fixed),
            *(taken + n, "A", taken + n, "", 0, at + n, at + n, at, at, at, at, 0, 0),
            *("[]", "{}", os.urandom(32)),
        )
        for n, id in enumerate(ids, 1)
    ]


def _each(organization: str, ids: list[str], *rest: object) -> list[tuple[object, ...]]:
    return [(organization, id, *rest) for id in ids]


def _fact(organization: str, id: str, branch: Branch, at: int) -> tuple[object, ...]:
    return organization, id, 1, str(uuid4()), "case.queued", at, f"client:{branch.client_id}", _DATA


def _key(organization: str, branch: Branch, at: int) -> tuple[object, ...]:
    principal = f"client:{branch.client_id}"
    return organization, principal, uuid4().hex, "0" * 64, 201, "{}", "b" * 590, at


_DATA = "f" * 1180
