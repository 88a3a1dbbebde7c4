"""Who wants what, put in order by place: of a thousand narrow wishes a fact concerns a few."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from uuid import UUID

from nowserving.journal.wanted import Where, kinds_of
from nowserving.store.lanes import Stretch
from nowserving.store.routing import Unrouted
from nowserving.store.subscriptions import Wish


class Wishes:
    """The wishes of an organization's endpoints."""

    def __init__(self, subscriptions: Sequence[tuple[UUID, Wish]]) -> None:
        self.narrow_kinds: set[str] = set()
        self._whose: dict[Wish, list[tuple[int, UUID]]] = {}
        self._everywhere: list[Wish] = []
        self._at: dict[UUID, list[Wish]] = {}
        for at, (endpoint_id, wish) in enumerate(subscriptions):
            if wish not in self._whose:
                self._put_in_order(wish)
            self._whose.setdefault(wish, []).append((at, endpoint_id))

    def stretches_of(
        self, facts: Sequence[Unrouted], where: Mapping[tuple[UUID, int], Where]
    ) -> list[Stretch]:
        """For each endpoint and subject: from the first to the last fact the endpoint wants.

        What it does not want in between is left out when it is told. `where` says by subject
        and version where a fact happened; it is asked for narrow wishes only.
        """
        nearby = _by_place(facts, where)
        spans = {wish: _spans(facts, wish, where) for wish in self._everywhere}
        for place in nearby:
            for wish in self._at.get(place, ()):
                if wish not in spans:
                    spans[wish] = _spans(_candidates(wish, nearby), wish, where)
        whose = [(at, id, wish) for wish in spans for at, id in self._whose[wish]]
        return [
            Stretch(endpoint_id, subject_id, first, last)
            for _, endpoint_id, wish in sorted(whose, key=itemgetter(0))
            for subject_id, (first, last) in spans[wish].items()
        ]

    def _put_in_order(self, wish: Wish) -> None:
        places = _places(wish)
        if places is None:
            self._everywhere.append(wish)
            return
        self.narrow_kinds |= kinds_of(wish.kinds)
        for place in places:
            self._at.setdefault(place, []).append(wish)


def stretches_of(
    facts: Sequence[Unrouted],
    subscriptions: Sequence[tuple[UUID, Wish]],
    where: Mapping[tuple[UUID, int], Where],
) -> list[Stretch]:
    """The stretches of some facts, for wishes that are asked once."""
    return Wishes(subscriptions).stretches_of(facts, where)


def _places(wish: Wish) -> frozenset[UUID] | None:
    """The places of which a fact must be at one; None: wherever it is."""
    return wish.service_ids if wish.service_ids is not None else wish.unit_ids


def _by_place(
    facts: Sequence[Unrouted], where: Mapping[tuple[UUID, int], Where]
) -> dict[UUID, list[Unrouted]]:
    nearby: dict[UUID, list[Unrouted]] = {}
    for fact in facts:
        at = where.get((fact.subject_id, fact.version))
        for place in () if at is None else {*at.unit_ids, at.service_id}:
            if place is not None:
                nearby.setdefault(place, []).append(fact)
    return nearby


def _candidates(wish: Wish, nearby: Mapping[UUID, Sequence[Unrouted]]) -> Iterable[Unrouted]:
    """The facts among which those are that a narrow wish means."""
    return (fact for place in _places(wish) or () for fact in nearby.get(place, ()))


def _spans(
    facts: Iterable[Unrouted], wish: Wish, where: Mapping[tuple[UUID, int], Where]
) -> dict[UUID, tuple[int, int]]:
    spans: dict[UUID, tuple[int, int]] = {}
    kinds = kinds_of(wish.kinds)
    for fact in facts:
        if fact.kind not in kinds:
            continue
        if wish.narrow:
            at = where.get((fact.subject_id, fact.version))
            if at is None or not at.fits(wish):
                continue
        first, last = spans.get(fact.subject_id, (fact.version, fact.version))
        spans[fact.subject_id] = (min(first, fact.version), max(last, fact.version))
    return spans
