"""What an integration keeps beside a case: codes, references, the answers to its own fields."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.remarks import add_remark
from nowserving.actions.words import keep_words
from nowserving.cases import moves
from nowserving.cases.admission import Request, check_words
from nowserving.cases.case import Case, moved
from nowserving.cases.texts import reference_key
from nowserving.kit.problems import NotFound
from nowserving.people.permissions import Permission

CALLED_SO_AT_MOST = 50
"""So many of the newest cases of one reference are looked at."""


async def keep_beside(
    act: Act,
    *,
    case_id: UUID,
    extras: Mapping[str, Any] | None = None,
    fields: Mapping[UUID, Any] | None = None,
    remark: str = "",
) -> Case:
    """Keep other extras and fields with a case, and a remark, in one fact that names neither."""
    case = await act.store.cases.hold(case_id)
    act.must(moves.CORRECT.needs, at=case.unit_id)
    changed = [name for name, said in (("extras", extras), ("fields", fields)) if said]
    if fields:
        directory = await act.directory()
        request = Request(service_id=case.service_id, fields=fields)
        check_words(request, directory, directory.services[case.service_id])
        details = await act.store.cases.details(case_id)
        known = {**details.fields, **{str(id): value for id, value in fields.items()}}
        await act.store.cases.replace_details(replace(details, fields=known))
    if changed:
        to = moved(case, moves.CORRECT, act.now, extras={**case.extras, **(extras or {})})
        case = await act.change(case, to, moves.CORRECT, changed=changed)
        await keep_words(act, case)
    if remark.strip():
        note = await add_remark(act, case, remark)
        case = await act.change(case, moved(case, moves.NOTE, act.now), moves.NOTE, note_id=note.id)
    return case


async def called_so(act: Act, *, reference: str) -> list[Case]:
    """The newest cases that another system calls so, in whatever case it is written."""
    key = reference_key(reference)
    if key is None:
        raise NotFound(what="case", id=reference)
    found = await act.look.case_lists.referred_to(key, CALLED_SO_AT_MOST)
    return [
        case for case in found if act.actor.may(Permission.SEE_LINE, at=case.unit_id, case=case.id)
    ]
