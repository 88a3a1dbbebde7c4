"""Cubu's data table webhooks, Query, Find and Fetch: customers that another system keeps.

Of these pages little was seen: the address of Query, and three properties of its request. The
rest of the form is ours, and answers are read as tolerantly as can be.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from nowserving.actions.asking import (
    About,
    ManyCustomers,
    OneCustomer,
    Record,
    Records,
    RemoteCustomer,
    Unreadable,
)
from nowserving.kit.http import read_json
from nowserving.kit.problems import Invalid

QUERY, FIND, FETCH = "query", "find", "fetch"
SLUG = "customers"

_LISTS = ("records", "items")
_IDS = ("remoterecordid", "recordid", "id")
_NEXT = ("continuationtoken", "nexttoken", "next")
_AT_MOST = 200


def action_for(about: About) -> str:
    """Which of the three webhooks asks for this."""
    if isinstance(about, ManyCustomers):
        return QUERY
    return FIND if isinstance(about, OneCustomer) else FETCH


def say_records(about: About, slug: str) -> dict[str, Any]:
    """The request."""
    if isinstance(about, ManyCustomers):
        return {
            "dataTableSlug": slug,
            "pageSize": about.most,
            "continuationToken": about.after,
            "query": about.text,
        }
    if isinstance(about, OneCustomer):
        return {"dataTableSlug": slug, "keyFieldSlug": about.field, "keyFieldValue": about.value}
    assert isinstance(about, RemoteCustomer)
    return {"dataTableSlug": slug, "remoteRecordId": about.remote_id}


def read_records(about: About, status: int, body: bytes) -> Records:
    """What was found: a list bare or under a name, one record bare or under a name, or nothing."""
    if status == 404:
        return Records()
    if not 200 <= status < 300:
        raise Unreadable(f"it answered {status}")
    try:
        given = read_json(body) if body.strip() else None
    except Invalid:
        raise Unreadable("the answer is not JSON") from None
    if given is None:
        return Records()
    if isinstance(about, ManyCustomers):
        return _many(given)
    one = _small(given).get("record", given) if isinstance(given, dict) else given
    if isinstance(one, list):
        one = one[0] if one else None
    if one is None:
        return Records()
    remote_id = about.remote_id if isinstance(about, RemoteCustomer) else None
    record = _record(one, remote_id)
    if record is None:
        raise Unreadable("the record has no id")
    return Records((record,))


def _many(given: Any) -> Records:
    found: Any = given
    token = None
    if isinstance(given, dict):
        named = _small(given)
        found = next((named[name] for name in _LISTS if named.get(name) is not None), [])
        token = next((named[name] for name in _NEXT if named.get(name)), None)
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise Unreadable("the answer holds no list of records")
    records = (_record(one, None) for one in found[:_AT_MOST])
    return Records(
        tuple(one for one in records if one is not None),
        token if isinstance(token, str) else None,
    )


def _record(given: Any, remote_id: str | None) -> Record | None:
    """One record; None if nothing says which."""
    if not isinstance(given, dict):
        return None
    named = _small(given)
    found = next((named[name] for name in _IDS if named.get(name) not in (None, "")), remote_id)
    if not isinstance(found, str | int) or isinstance(found, bool):
        return None
    return Record(str(found), _fields(named.get("fields")))


def _fields(given: Any) -> Mapping[str, Any]:
    """Values by slug or id: a dictionary, or a list of objects that say which field."""
    if isinstance(given, dict):
        return {str(name): _plain(value) for name, value in given.items()}
    found: dict[str, Any] = {}
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict):
            named = _small(one)
            name = named.get("slug") or named.get("fieldtypeid")
            if isinstance(name, str):
                found[name] = _plain(named.get("value"))
    return found


def _plain(value: Any) -> Any:
    """A single value; what is nested is not for us."""
    return None if isinstance(value, dict | list) else value


def _small(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in given.items()}
