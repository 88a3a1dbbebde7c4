"""What a fact is about, in the words that pages watch: `case:<id>`, `queue:<id>`, `unit:<id>`."""

import msgspec

from nowserving.kit.facts import Fact


class _Place(msgspec.Struct):
    queue_id: str | None = None
    unit_id: str | None = None


class _Told(msgspec.Struct):
    case: _Place = msgspec.field(default_factory=_Place)
    desk: _Place = msgspec.field(default_factory=_Place)
    from_queue_id: str | None = None
    from_unit_id: str | None = None


_read = msgspec.json.Decoder(_Told).decode


def topics_of(fact: Fact) -> set[str]:
    """The subject, and where it stands and stood: a transfer is news at both ends."""
    told = _read(fact.data)
    topics = {f"{fact.kind.partition('.')[0]}:{fact.subject_id}"}
    topics |= {f"queue:{id}" for id in (told.case.queue_id, told.from_queue_id) if id}
    topics |= {
        f"unit:{id}" for id in (told.case.unit_id, told.desk.unit_id, told.from_unit_id) if id
    }
    return topics
