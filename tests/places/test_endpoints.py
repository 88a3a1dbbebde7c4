"""What an endpoint says of itself: how fast it may be told, and what it wants to hear of."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from nowserving.journal.catalogue import CATALOGUE
from nowserving.journal.wanted import kinds_of, wants, where_of
from nowserving.kit.facts import Fact
from nowserving.places.endpoints import Endpoint

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HERE, THERE, LICENCES, OTHER = (UUID(int=at) for at in (1, 2, 3, 4))


def an_endpoint(**more: Any) -> Endpoint:
    kinds = more.pop("kinds", ("*",))
    return Endpoint(
        UUID(int=9), UUID(int=8), "native", "https://r.example/", kinds, "hmac", None, **more
    )


def a_fact(kind: str, **told: Any) -> Fact:
    text = ", ".join(f'"{name}": {value}' for name, value in told.items())
    return Fact(UUID(int=9), UUID(int=7), 1, UUID(int=6), kind, NOON, "x", "{" + text + "}")


def a_case(unit: UUID, service: UUID) -> str:
    return f'{{"unit_id": "{unit}", "service_id": "{service}", "queue_id": "{OTHER}"}}'


def test_an_endpoint_that_has_not_confirmed_is_told_slowly() -> None:
    assert an_endpoint(concurrency=32).pace(NOON) == (1, 1)


def test_one_that_has_is_told_at_its_own_pace() -> None:
    confirmed = an_endpoint(concurrency=32, rate=50, confirmed_at=NOON)
    assert confirmed.pace(NOON) == (32, 50)
    assert confirmed.pace(NOON - timedelta(seconds=1)) == (1, 1)


def test_what_the_operator_named_need_not_confirm() -> None:
    assert an_endpoint(settings={"allowed": True}).pace(NOON) == (8, None)


def test_a_pattern_means_every_kind_that_begins_so() -> None:
    assert kinds_of(("*",)) == set(CATALOGUE)
    assert kinds_of(("case.*",)) == {kind for kind in CATALOGUE if kind.startswith("case.")}
    assert kinds_of(("case.call*",)) == {
        "case.called",
        "case.called_again",
        "case.called_off",
        "case.call_undone",
    }
    assert kinds_of(("case.queued",)) == {"case.queued"}


def test_a_fact_of_another_unit_or_service_is_not_wanted() -> None:
    fact = a_fact("case.called", case=a_case(HERE, LICENCES))
    assert wants(an_endpoint(), fact)
    assert wants(an_endpoint(unit_ids=(HERE,), service_ids=(LICENCES,)), fact)
    assert not wants(an_endpoint(unit_ids=(THERE,)), fact)
    assert not wants(an_endpoint(unit_ids=(HERE,), service_ids=(OTHER,)), fact)
    assert not wants(an_endpoint(kinds=("case.queued",)), fact)


def test_a_transfer_concerns_the_unit_it_left_too() -> None:
    fact = a_fact("case.transferred", case=a_case(THERE, LICENCES), from_unit_id=f'"{HERE}"')
    assert set(where_of(fact.kind, fact.data).unit_ids) == {HERE, THERE}
    assert wants(an_endpoint(unit_ids=(HERE,)), fact)
    assert wants(an_endpoint(unit_ids=(THERE,)), fact)


def test_what_happens_to_an_agent_happens_where_they_work() -> None:
    fact = a_fact("agent.clocked_in", agent=f'{{"unit_id": "{HERE}"}}')
    assert wants(an_endpoint(unit_ids=(HERE,)), fact)
    assert not wants(an_endpoint(unit_ids=(THERE,)), fact)
    assert not wants(an_endpoint(service_ids=(LICENCES,)), fact)


def test_a_fact_that_happened_nowhere_is_for_those_who_want_all() -> None:
    assert wants(an_endpoint(), a_fact("case.called"))
    assert not wants(an_endpoint(unit_ids=(HERE,)), a_fact("case.called"))
