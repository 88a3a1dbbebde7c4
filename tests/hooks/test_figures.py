"""What an operator sees of deliveries from afar."""

from datetime import timedelta
from uuid import UUID

from nowserving.hooks.figures import ENDPOINTS, OLDEST, PARKED, UNROUTED, Gauges
from nowserving.kit.clock import wall
from nowserving.places.endpoints import EndpointState
from nowserving.store.lanes import Completion, Lanes, Stretch
from tests.journal.conftest import engine, office
from tests.journal.facts import Office

__all__ = ["engine", "office"]

A, B = UUID(int=1), UUID(int=2)


async def test_the_gauges_say_how_deliveries_stand(office: Office) -> None:
    told = (await office.subscribe("http://127.0.0.1:1/")).id
    asleep = (await office.subscribe("http://127.0.0.1:1/", state=EndpointState.DISABLED)).id
    now = wall()
    ago = now - timedelta(minutes=5)
    async with office.engine.writing() as connection:
        lanes = Lanes(connection, office.id)
        await lanes.extend([Stretch(told, A, 1, 1)], now)
        [lane] = await lanes.claim(
            {told: 1}, lease=office.id, now=now, until=now + timedelta(hours=1), most=1
        )
        await lanes.complete([Completion(lane, 0, 10, None)])
        await lanes.extend([Stretch(told, B, 1, 1)], ago)
        await lanes.extend([Stretch(asleep, B, 1, 1)], now - timedelta(days=9))
    await office.happens(A)

    await Gauges(office.engine).look()

    assert [_value(ENDPOINTS.labels(state.value)) for state in EndpointState] == [1, 0, 1, 0]
    assert (_value(PARKED), _value(UNROUTED)) == (1, 1)
    assert 290 < _value(OLDEST) < 1000


def _value(gauge: object) -> float:
    value: float = gauge._value.get()  # type: ignore[attr-defined]
    return value
