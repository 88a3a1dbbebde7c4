"""The checker finds what is wrong: each invariant is broken on purpose, in a copy of a good day."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest

from tests.faults.conftest import NewTown
from tests.faults.people import new_key
from tests.rig.history import (
    LEFT_BEHIND,
    OUT_OF_PLACE,
    Books,
    History,
    Said,
    ask,
    come_to_rest,
    complaints,
    read_books,
)
from tests.rig.receiver import Arrival, Receiver, is_signed

FIRST = "(select id from cases order by sequence limit 1)"

IN_THE_DATA = {
    "I1: a case without its details": [f"delete from case_details where case_id = {FIRST}"],
    "I2: a later number joined earlier": [
        "update cases set joined_at = (select joined_at from cases order by sequence limit 1)"
    ],
    "I2: the counter is not where the numbers are": ["update series set taken = taken + 1"],
    "I2: numbers of a service and day are not 1..n": [
        "update cases set sequence = sequence + 10 where sequence = 2"
    ],
    "I3: a desk has two cases": [
        "drop index uq_cases_at_desk",
        f"update cases set state = 'called', desk_id = {FIRST}",
    ],
    "I5: left in the outbox": [
        "insert into outbox (organization_id, subject_id, version, kind)"
        " select organization_id, subject_id, version, kind from facts where version = 2"
    ],
    "I5: left on a lane": ["update lanes set head = head - 1"],
    "I5: the feed has a case's facts out of order": [
        "update feed set position = position + 1000 where version = 1"
    ],
    "I5: a fact that is not in the feed": ["delete from feed where version = 2"],
    "I5: the feed is not dense": [],
    "I1: the facts of a case are not 1..version": ["delete from facts where version = 2"],
    "I1: facts of a case that does not exist": [f"delete from cases where id = {FIRST}"],
}
"""What is done to the data, one after the other, and what must be found then."""


@dataclass
class Day:
    """A short day: three come, one is served."""

    url: str
    history: History
    books: Books
    arrivals: list[Arrival]

    def complaints(self) -> list[str]:
        return complaints(self.history, self.books, self.arrivals)

    def said(self, op: str, at: int = 0) -> Said:
        return self.history.ok(op)[at]

    @property
    def served(self) -> str:
        return str(self.said("call_next").case)


@pytest.fixture
async def day(new_town: NewTown, receiver: Receiver) -> Day:
    town = await new_town(1, webhook=receiver.base_url)
    (server,) = town.servers
    receiver.secret = town.office.facts["webhook_secret"]
    receiver.look = town.version_of
    for at in range(3):
        await town.queue_up("kiosk", key=new_key(), server=server, native=at == 0)
    again = town.history.said[0]
    await town.queue_up("kiosk", key=str(again.key), server=server, native=True)
    called = await town.call_next("ann", server=server, agent=0, desk=town.desks[0], key=new_key())
    await town.move("ann", "resolve", str(called.case), server=server, agent=0, key=new_key())
    await come_to_rest(town.office.database_url)
    await server.stop()
    url = town.office.database_url
    return Day(url, town.history, await read_books(url), receiver.arrivals)


async def test_what_is_broken_in_the_data_is_found(day: Day) -> None:
    assert day.complaints() == []
    assert set(IN_THE_DATA) == {*OUT_OF_PLACE, *LEFT_BEHIND}
    for complaint, damage in IN_THE_DATA.items():
        for sql in damage:
            await ask(day.url, sql)
        found = (await read_books(day.url)).found
        assert [one for one in found if one.startswith(complaint)], complaint


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_what_is_broken_in_the_history_is_found(day: Day) -> None:
    assert day.complaints() == []
    for invariant, doctor in DOCTORS:
        doctored = copy.deepcopy(day)
        doctor(doctored)
        found = doctored.complaints()
        assert [one for one in found if one.startswith(invariant)], (doctor, found)


def test_a_signature_must_fit_to_the_letter() -> None:
    body, mac = b'{"caseId":"1"}', "Cwd8G6hPHRnrdlQWrnUqEkkNdGpFnTkqpIl1Cw8t96k="
    assert is_signed(f"HMAC {mac}", "secret", body)
    assert not any(
        is_signed(*wrong)
        for wrong in (
            (f"HMAC {mac}", "secret", body + b" "),
            (f"HMAC {mac}", "Secret", body),
            (f"HMAC {mac.lower()}", "secret", body),
            (f"HMAC  {mac}", "secret", body),
            (f"hmac {mac}", "secret", body),
            (mac, "secret", body),
            ("", "secret", body),
        )
    )


# --- doctors --------------------------------------------------------------------------------


def bug(day: Day) -> None:
    day.said("queue_up").status = 500


def silence(day: Day) -> None:
    day.history.said.append(Said("a", "queue_up", "k", 1.0, phase="info", ended=2.0))


def lose_a_case(day: Day) -> None:
    del day.books.cases[day.served]


def make_a_case_up(day: Day) -> None:
    day.books.cases["made up"] = {**day.books.cases[day.served], "id": "made up", "sequence": 4}


def forget_a_change(day: Day) -> None:
    day.books.cases[day.served]["version"] -= 1


def change_without_a_fact(day: Day) -> None:
    day.books.cases[day.served]["state"] = "closed"


def call_out_another_number(day: Day) -> None:
    day.said("queue_up").ticket = "A99"


def give_a_number_twice(day: Day) -> None:
    for case in day.books.cases.values():
        case["sequence"] = 1


def call_twice(day: Day) -> None:
    twin = replace(day.said("call_next"), client="bob", key="another")
    day.history.said.append(twin)


def answer_what_did_not_happen(day: Day) -> None:
    day.said("resolve").version = 1


def call_who_is_being_served(day: Day) -> None:
    facts = day.books.facts[day.served]
    facts.insert(3, replace(facts[1], id="again", version=4))


def begin_in_the_middle(day: Day) -> None:
    del day.books.facts[day.served][0]


def answer_differently(day: Day) -> None:
    day.said("queue_up").body += " "


def do_it_twice_for_a_key(day: Day) -> None:
    day.said("queue_up", 1).key = day.said("queue_up").key


def one_case_for_two_keys(day: Day) -> None:
    day.said("queue_up").key = "another"


def tell_nobody(day: Day) -> None:
    day.arrivals.pop()


def tell_and_not_be_heard(day: Day) -> None:
    day.arrivals[-1] = replace(day.arrivals[-1], answered=500)


def tell_the_end_first(day: Day) -> None:
    day.arrivals.reverse()


def tell_the_next_before_this_was_heard(day: Day) -> None:
    at, first = next((i, a) for i, a in enumerate(day.arrivals) if a.case == day.served)
    day.arrivals[at] = replace(first, answered=500)
    day.arrivals.append(first)


def sign_badly(day: Day) -> None:
    day.arrivals[0] = replace(day.arrivals[0], signed=False)


def tell_something_else(day: Day) -> None:
    day.arrivals[0] = replace(day.arrivals[0], action="afterClose")


def tell_what_was_rolled_back(day: Day) -> None:
    day.arrivals.append(replace(day.arrivals[0], fact="in no book"))


def tell_before_the_commit(day: Day) -> None:
    day.arrivals[-1] = replace(day.arrivals[-1], seen=0)


DOCTORS: Sequence[tuple[str, Callable[[Day], None]]] = (
    ("I0", bug),
    ("I0", silence),
    ("I1", lose_a_case),
    ("I1", make_a_case_up),
    ("I1", forget_a_change),
    ("I1", change_without_a_fact),
    ("I2", call_out_another_number),
    ("I2", give_a_number_twice),
    ("I3", call_twice),
    ("I3", answer_what_did_not_happen),
    ("I3", call_who_is_being_served),
    ("I3", begin_in_the_middle),
    ("I8", answer_differently),
    ("I8", do_it_twice_for_a_key),
    ("I8", one_case_for_two_keys),
    ("I5", tell_nobody),
    ("I5", tell_and_not_be_heard),
    ("I5", tell_the_end_first),
    ("I5", tell_the_next_before_this_was_heard),
    ("I5", sign_badly),
    ("I5", tell_something_else),
    ("I6", tell_what_was_rolled_back),
    ("I6", tell_before_the_commit),
)
