"""The table of customers: what it must have, what it may be called, and titles."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from nowserving.kit.problems import Invalid
from nowserving.places.data_tables import Contact, DataField, DataTable, usual_customers

TABLE = usual_customers(UUID(int=1))
KEYS = tuple(DataField(uuid4(), f"Key {letter}", f"key-{letter}", key=True) for letter in "abcde")


def test_the_table_of_an_organization_is_always_the_same() -> None:
    assert usual_customers(UUID(int=1)) == TABLE
    ids = {field.id for field in usual_customers(UUID(int=2)).fields}
    assert not ids & {field.id for field in TABLE.fields}


@pytest.mark.parametrize("slug", ["abc", "1abc", "-abc", "ab_c", "ab c", "äbcd", ""])
def test_a_slug_is_four_letters_and_dashes(slug: str) -> None:
    with pytest.raises(Invalid):
        replace(TABLE, slug=slug)
    with pytest.raises(Invalid):
        DataField(uuid4(), "Field", slug)


@pytest.mark.parametrize(
    "changes",
    [
        {"fields": TABLE.fields[1:]},
        {"fields": (*TABLE.fields, *KEYS[:4])},
        {"fields": TABLE.fields[:3]},
        {"fields": (*TABLE.fields, replace(TABLE.fields[2], slug="other-phone"))},
        {"fields": (*TABLE.fields, DataField(uuid4(), "Again", "Customer-ID"))},
        {"title": "Nobody"},
        {"title": "{{first-name}}"},
        {"title": ""},
    ],
)
def test_a_table_that_could_not_work_is_none(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        replace(TABLE, **changes)


def test_four_keys_are_possible() -> None:
    assert len(replace(TABLE, fields=(*TABLE.fields, *KEYS[:3])).keys) == 4


@pytest.mark.parametrize("changes", [{"contact": Contact.PHONE}, {"data_type": "number"}])
def test_a_key_is_a_plain_text(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        replace(KEYS[0], **changes)


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("{{customer-name}}", "Ada Lovelace"),
        ("#{{ Customer-ID }}", "#7"),
        ("{{customer-email}} {{customer-name}}", "Ada Lovelace"),
    ],
)
def test_a_title_mixes_text_with_fields(title: str, said: str) -> None:
    table: DataTable = replace(TABLE, title=title)
    assert table.title_of({"customer-name": "Ada Lovelace", "customer-id": "7"}) == said
