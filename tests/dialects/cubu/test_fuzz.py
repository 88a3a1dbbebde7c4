"""Whatever is refused has left nothing behind. What else can be sent, see tests/fuzz."""

from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dialects.cubu.conftest import Count, Program

ONCE_FOR_ALL = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NAMES = (
    "serviceTypeId",
    "locale",
    "language",
    "channel",
    "cusotmerRecordId",
    "customerRecordId",
    "useCustomerContactInfo",
    "contactPhoneNumber",
    "contactEmail",
    "fields",
    "tagIds",
)
SINGLE = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"))
)
ANYTHING = st.recursive(
    SINGLE,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8")) | st.sampled_from(NAMES), inner)
    ),
    max_leaves=12,
)
GUIDS = st.uuids().map(str)
LIKELY = {
    "locale": st.sampled_from(["en-US", "de", "EN_us"]) | st.text(st.characters(codec="utf-8")),
    "contactPhoneNumber": st.from_regex(r"[+0-9 ()a-z\x00-]{0,20}") | SINGLE,
    "contactEmail": st.from_regex(r"[a-z.@äß\x00-]{0,12}@[a-zß.\[\]0-9:-]{0,12}") | SINGLE,
    "fields": st.dictionaries(GUIDS, SINGLE, max_size=3),
    "tagIds": st.lists(GUIDS, max_size=3),
}


@ONCE_FOR_ALL
@given(body=st.binary(max_size=200) | ANYTHING.map(msgspec.json.encode))
async def test_any_body_is_answered(demo: Program, count: Count, body: bytes) -> None:
    before = await count()
    address = demo.address(demo.services[0].id)
    answer = await demo.client.post(address, content=body, headers=demo.headers)
    assert answer.status_code == 400, answer.text
    assert await count() == before


@ONCE_FOR_ALL
@given(data=st.data())
async def test_any_change_of_a_good_body_is_answered(
    demo: Program, count: Count, data: st.DataObject
) -> None:
    service = demo.services[data.draw(st.integers(0, 2))]
    changed: dict[str, Any] = {
        name: data.draw(LIKELY.get(name, SINGLE) | ANYTHING)
        for name in data.draw(st.lists(st.sampled_from(NAMES), max_size=4))
    }
    if data.draw(st.booleans()):
        changed["fields"] = {str(demo.company.id): data.draw(SINGLE)}
    before = (await count())["cases"]
    answer = await demo.queue_up(service, **changed)
    assert answer.status_code in (201, 400), answer.text
    assert (await count())["cases"] == before + (answer.status_code == 201)
