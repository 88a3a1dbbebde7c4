"""What clients saw, what stands in the database, what a receiver was told; and whether it fits.

The invariants have the names of docs/reliability: each complaint begins with one. The data
are read with the drivers themselves and asked in SQL that both engines understand; nothing
here is taken from the code it judges.

* I0 whoever asks a server that is there gets an answer, and never a bug.
* I1 no case lost, none that nobody asked for; its facts are 1, 2, 3 up to its version.
* I2 numbers: within a service and day none twice, none left out, in the order of the line.
* I3 a case is called by one desk at a time, a desk has one case; nobody shares an answer.
* I5 each fact reaches the receiver at least once, first arrivals in order for each case.
* I6 what a receiver is told can be seen at once by whoever asks.
* I8 a key does its work once, and gets the same answer each time.
"""

import asyncio
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg

from tests.rig.receiver import ACTIONS, Arrival

# --- what clients saw -----------------------------------------------------------------------


@dataclass
class Said:
    """One request, and what its client knows of it.

    `phase`: "asked" as long as nothing is known, then "ok"; "fail" when it certainly did
    nothing; "info" when nobody can tell.
    """

    client: str
    op: str
    key: str | None
    began: float
    port: int = 0
    phase: str = "asked"
    status: int | None = None
    case: str | None = None
    version: int | None = None
    ticket: str | None = None
    body: str = ""
    replayed: bool = False
    ended: float | None = None


@dataclass
class History:
    """All requests of a run, in the order in which they began."""

    said: list[Said] = field(default_factory=list)

    def ask(self, client: str, op: str, key: str | None = None, port: int = 0) -> Said:
        """Somebody asks for something, of the server on a port."""
        one = Said(client, op, key, monotonic(), port)
        self.said.append(one)
        return one

    def ok(self, op: str | None = None) -> list[Said]:
        """Answered and done."""
        return [one for one in self.said if one.phase == "ok" and op in (None, one.op)]

    def count(self, phase: str) -> int:
        """How many requests ended so."""
        return sum(one.phase == phase for one in self.said)

    def write(self, path: Path) -> None:
        """As lines of JSON, to look at when something does not fit."""
        path.write_text("".join(json.dumps(asdict(one)) + "\n" for one in self.said))


# --- what stands in the database ------------------------------------------------------------


@dataclass(frozen=True)
class Fact:
    """A fact as it stands in the database."""

    id: str
    case: str
    version: int
    kind: str
    state: str
    desk: str | None


@dataclass
class Books:
    """What the checks need of a database: cases, their facts, the keys; and what SQL found."""

    cases: dict[str, dict[str, Any]]
    facts: dict[str, list[Fact]]
    keys: dict[str, dict[str, Any]]
    found: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Outage:
    """A server was not there, on purpose."""

    port: int
    began: float
    ended: float


OUT_OF_PLACE = {
    "I1: the facts of a case are not 1..version": """
        select c.id from cases c left join facts f
          on f.organization_id = c.organization_id and f.subject_id = c.id
        group by c.organization_id, c.id, c.version
        having count(f.version) <> c.version or min(f.version) <> 1
          or max(f.version) <> c.version""",
    "I1: facts of a case that does not exist": """
        select f.subject_id from facts f left join cases c
          on c.organization_id = f.organization_id and c.id = f.subject_id
        where c.id is null and f.kind like 'case.%'""",
    "I1: a case without its details": """
        select c.id from cases c left join case_details d
          on d.organization_id = c.organization_id and d.case_id = c.id
        where d.case_id is null""",
    "I2: numbers of a service and day are not 1..n": """
        select service_id, day, count(*), min(sequence), max(sequence) from cases
        where sequence > 0 group by organization_id, service_id, day
        having count(*) <> max(sequence) or min(sequence) <> 1""",
    "I2: the counter is not where the numbers are": """
        select s.service_id, s.day, s.taken from series s left join cases c
          on c.organization_id = s.organization_id and c.service_id = s.service_id
          and c.day = s.day
        group by s.organization_id, s.service_id, s.day, s.taken
        having coalesce(max(case when c.sequence > 0 then c.sequence end), 0) <> s.taken""",
    "I2: a later number joined earlier": """
        select b.id from cases a join cases b
          on b.organization_id = a.organization_id and b.service_id = a.service_id
          and b.day = a.day and b.sequence = a.sequence + 1
        where b.joined_at <= a.joined_at""",
    "I3: a desk has two cases": """
        select desk_id from cases where state in ('called', 'active') and desk_id is not null
        group by organization_id, desk_id having count(*) > 1""",
    "I5: the feed is not dense": """
        select h.organization_id, h.position, count(f.position) from feed_heads h
        left join feed f on f.organization_id = h.organization_id
        group by h.organization_id, h.position
        having count(f.position) <> h.position or coalesce(max(f.position), 0) <> h.position""",
    "I5: the feed has a case's facts out of order": """
        select b.subject_id, b.version from feed a join feed b
          on b.organization_id = a.organization_id and b.subject_id = a.subject_id
          and b.version = a.version + 1
        where b.position < a.position""",
}
"""Questions that nothing must answer, at any moment."""

LEFT_BEHIND = {
    "I5: left in the outbox": "select subject_id, version from outbox",
    "I5: a fact that is not in the feed": """
        select f.subject_id, f.version from facts f left join feed p
          on p.organization_id = f.organization_id and p.subject_id = f.subject_id
          and p.version = f.version
        where p.position is null""",
    "I5: left on a lane": "select subject_id, head, tail from lanes where head <> tail",
}
"""Questions that nothing must answer when everything has come to rest."""

ON_THE_WAY = """
    select (select count(*) from outbox)
         + (select count(*) from lanes where head <> tail or lease is not null) as on_the_way"""
HURRY = """
    update lanes set due = (select min(opened_at) from cases)
    where head <> tail and due is not null"""


async def ask(url: str, sql: str) -> list[dict[str, Any]]:
    """The rows of an answer, from the driver itself; ids as text."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=10)) as database, database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(sql)]
    connection = await asyncpg.connect(url, timeout=10)
    try:
        return [
            {name: _plain(value) for name, value in row.items()}
            for row in await connection.fetch(sql)
        ]
    finally:
        await connection.close()


IN_LINES = "select * from cases where sequence > 0"
"""What people took numbers for; the demonstration has a letter too, which stands in no line."""


async def read_books(url: str, *, at_rest: bool = True) -> Books:
    """What stands in a database now; `at_rest`: nothing should be on its way any more."""
    questions = OUT_OF_PLACE | LEFT_BEHIND if at_rest else OUT_OF_PLACE
    found = [
        f"{complaint}: {rows[:3]}{' and more' if len(rows) > 3 else ''}"
        for complaint, sql in questions.items()
        if (rows := await ask(url, sql))
    ]
    facts: dict[str, list[Fact]] = defaultdict(list)
    for row in await ask(url, "select * from facts order by subject_id, version"):
        case = json.loads(row["data"]).get("case")
        if case is None or case["sequence"] < 0:
            continue  # of an agent, of a customer, or of a case that stands in no line
        facts[row["subject_id"]].append(
            Fact(
                id=row["id"],
                case=row["subject_id"],
                version=row["version"],
                kind=row["kind"],
                state=case["state"],
                desk=case["desk_id"],
            )
        )
    return Books(
        cases={row["id"]: row for row in await ask(url, IN_LINES)},
        facts=dict(facts),
        keys={row["key"]: row for row in await ask(url, "select * from idempotency_keys")},
        found=found,
    )


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | str | bytes | None) else str(value)


# --- whether it fits ------------------------------------------------------------------------


def complaints(
    history: History,
    books: Books,
    arrivals: Sequence[Arrival] | None = None,
    *,
    outages: Sequence[Outage] | None = (),
    resolved: bool = True,
) -> list[str]:
    """Everything that does not fit; each complaint begins with the name of an invariant.

    `outages`: outside of these each request gets an answer; None: nobody knows when they were.
    `resolved`: each request whose outcome was unknown has been repeated until it was known.
    """
    return [
        *books.found,
        *_answers(history),
        *(_silences(history, outages) if outages is not None else ()),
        *_cases(history, books, resolved=resolved),
        *_tickets(history, books),
        *_calls(history, books),
        *_keys(history),
        *(_arrivals(books, arrivals) if arrivals is not None else ()),
    ]


def _answers(history: History) -> Iterator[str]:
    for one in history.said:
        if one.status is not None and one.status >= 500 and one.status != 503:
            yield f"I0: a bug was answered: {one}"


def _silences(history: History, outages: Sequence[Outage]) -> Iterator[str]:
    """I0: who asks a server that is there gets an answer."""
    for one in history.said:
        if one.status is None and one.ended is not None:
            excuses = (
                outage
                for outage in outages
                if outage.port == one.port
                and outage.began <= one.ended
                and one.began <= outage.ended
            )
            if not any(excuses):
                yield f"I0: a server that was there gave no answer: {one}"


def _cases(history: History, books: Books, *, resolved: bool) -> Iterator[str]:
    """I1: what was answered is there, and nothing else."""
    answered = {one.case for one in history.ok() if one.case is not None}
    for lost in sorted(answered - books.cases.keys()):
        yield f"I1: case {lost} was answered and is lost"
    opened = {one.case for one in history.ok("queue_up")}
    keys_in_doubt = {one.key for one in history.said if one.op == "queue_up"} - {
        one.key for one in history.ok("queue_up")
    }
    unasked = books.cases.keys() - opened
    if resolved and unasked:
        yield f"I1: cases that nobody was answered for: {sorted(unasked)[:3]}"
    elif len(unasked) > len(keys_in_doubt):
        yield f"I1: {len(unasked)} cases for {len(keys_in_doubt)} requests in doubt"
    for one in history.ok():
        case = books.cases.get(one.case or "")
        if case is not None and one.version is not None and case["version"] < one.version:
            yield f"I1: case {one.case} was answered as of {one.version} and is {case['version']}"
    for id, facts in books.facts.items():
        if id in books.cases and facts[-1].state != books.cases[id]["state"]:
            yield f"I1: case {id} is {books.cases[id]['state']}, its last fact says otherwise"


def _tickets(history: History, books: Books) -> Iterator[str]:
    """I2: the number that was called out to somebody is the number in the books, and theirs."""
    holders: dict[tuple[Any, ...], str] = {}
    for one in history.ok("queue_up"):
        case = books.cases.get(one.case or "")
        if case is None:
            continue
        ticket = f"{case['prefix']}{case['ticket_number']}{case['suffix']}"
        if one.ticket != ticket:
            yield f"I2: case {one.case} was answered {one.ticket} and is {ticket}"
        number = (case["service_id"], case["day"], case["sequence"])
        if holders.setdefault(number, case["id"]) != case["id"]:
            yield f"I2: {ticket} was given to {case['id']} and to {holders[number]}"


FACT_OF = {
    "queue_up": {"case.queued"},
    "call_next": {"case.called", "case.started"},
    "start": {"case.started"},
    "undo_call": {"case.call_undone"},
    "return": {"case.returned"},
    "hold": {"case.held"},
    "transfer": {"case.transferred"},
    "resolve": {"case.resolved"},
    "miss": {"case.missed"},
}
"""The facts whose version an answer may carry."""


def _calls(history: History, books: Books) -> Iterator[str]:
    """I3: no two requests made the same version of a case; calls do not overlap."""
    makers: dict[tuple[str, int], Said] = {}
    for one in history.ok():
        if one.case is None or one.version is None:
            continue
        first = makers.setdefault((one.case, one.version), one)
        if first is not one and (first.key is None or first.key != one.key):
            yield f"I3: {first.client} and {one.client} both made {one.case} v{one.version}"
        facts = books.facts.get(one.case, [])
        kinds = [fact.kind for fact in facts if fact.version == one.version]
        if one.op in FACT_OF and not FACT_OF[one.op].intersection(kinds):
            yield f"I3: {one.op} was answered v{one.version} of {one.case}, which is {kinds}"
    for facts in books.facts.values():
        yield from _overlaps(facts)


def _overlaps(facts: Sequence[Fact]) -> Iterator[str]:
    """I3 in the facts of one case: a call ends before the next begins."""
    before: Fact | None = None
    for fact in facts:
        if before is None:
            if fact.kind != "case.queued":
                yield f"I3: case {fact.case} begins with {fact.kind}"
        elif fact.kind == "case.called" and before.state not in ("waiting", "pending"):
            yield f"I3: case {fact.case} v{fact.version} was called while {before.state}"
        elif fact.kind == "case.started" and before.state not in ("called", "on_hold"):
            yield f"I3: case {fact.case} v{fact.version} was started while {before.state}"
        before = fact


def _keys(history: History) -> Iterator[str]:
    """I8: one case and one answer for a key; another key, another case."""
    answers: dict[str, set[tuple[int | None, str]]] = defaultdict(set)
    cases: dict[str, set[str | None]] = defaultdict(set)
    keys: dict[str | None, set[str]] = defaultdict(set)
    for one in history.ok():
        if one.key is None:
            continue
        answers[one.key].add((one.status, one.body))
        cases[one.key].add(one.case)
        if one.op == "queue_up":
            keys[one.case].add(one.key)
    for key, different in answers.items():
        if len(different) > 1:
            yield f"I8: key {key} got different answers: {sorted(map(str, different))[:2]}"
    for key, made in cases.items():
        if len(made) > 1:
            yield f"I8: key {key} did its work on {sorted(map(str, made))}"
    for case, using in keys.items():
        if len(using) > 1:
            yield f"I8: case {case} answers several keys: {sorted(using)}"


def _arrivals(books: Books, arrivals: Sequence[Arrival]) -> Iterator[str]:
    """I5 and I6: everything was told, the first time in order, and nothing before its commit."""
    known = {fact.id: fact for facts in books.facts.values() for fact in facts}
    versions: dict[str, list[int]] = defaultdict(list)
    taken: set[str] = set()
    for one in arrivals:
        fact = known.get(one.fact)
        if not one.signed:
            yield f"I5: a post without a good signature: {one}"
        elif fact is None:
            yield f"I6: {one.action} of case {one.case} tells a fact that is in no book"
        elif (one.case, one.action) != (fact.case, ACTIONS.get(fact.kind)):
            yield f"I5: {fact} was told as {one.action} of {one.case}"
        else:
            if one.seen is not None and one.seen < fact.version:
                yield f"I6: {fact} was told while the API had v{one.seen}"
            if fact.version not in versions[fact.case]:
                versions[fact.case].append(fact.version)
                skipped = [
                    earlier.version
                    for earlier in _to_tell(books.facts[fact.case][: fact.version - 1])
                    if earlier.id not in taken
                ]
                if skipped:
                    yield f"I5: {fact} was told while {skipped} had not been taken"
            if one.answered is not None and one.answered < 300:
                taken.add(fact.id)
    missing = [fact for fact in _to_tell(known.values()) if fact.id not in taken]
    if missing:
        yield f"I5: {len(missing)} facts were never taken: {missing[:3]}"


def _to_tell(facts: Iterable[Fact]) -> Iterator[Fact]:
    return (fact for fact in facts if fact.kind in ACTIONS)


def repeated(arrivals: Sequence[Arrival]) -> int:
    """How many arrivals were repetitions: at least once is not exactly once."""
    return len(arrivals) - len({one.fact for one in arrivals})


async def come_to_rest(url: str, *, within: float = 60.0) -> float:
    """Wait until nothing is on its way; says how many seconds that took.

    What a dead process had claimed would be free after half a minute: if nothing moves for a
    second, we let that time pass at once.
    """
    began, last, moved = monotonic(), -1, monotonic()
    while (left := (await ask(url, ON_THE_WAY))[0]["on_the_way"]) > 0:
        now = monotonic()
        assert now - began < within, f"{left} are still on their way after {within} seconds"
        if left != last:
            last, moved = left, now
        elif now - moved > 1.0:
            await ask(url, HURRY)
            moved = now
        await asyncio.sleep(0.02)
    return monotonic() - began
