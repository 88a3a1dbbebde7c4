"""Remarks that save themselves while they are written, and become notes when that is done."""

from datetime import timedelta
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.desk import note
from nowserving.actions.remarks import TEXT_AT_MOST
from nowserving.cases.case import Draft, Note
from nowserving.kit.problems import Forbidden
from nowserving.kit.texts import kept
from nowserving.people.actor import ActorKind
from nowserving.people.permissions import Permission

OVERTAKEN_FOR = timedelta(minutes=1)
"""For so long a note is remembered when an older draft of it arrives late."""


async def keep_draft(act: Act, *, case_id: UUID, text: str) -> None:
    """Keep what somebody is writing on a case: their own, told to nobody, until it is a note.

    Nothing is kept of a text that is empty, or that has just become a note: requests overtake
    each other.
    """
    case = await act.store.cases.hold(case_id)
    act.must(Permission.SERVE, at=case.unit_id, case=case.id)
    author = _author(act)
    kept(text, field="text", at_most=TEXT_AT_MOST)
    if not text.strip() or await _is_overtaken(act, case_id, author, text):
        await act.store.drafts.drop(case_id, author)
        return
    draft = Draft(act.actor.organization_id, case_id, author, act.now, text)
    await act.store.drafts.keep(draft)


async def finish_draft(act: Act, *, case_id: UUID, text: str | None = None) -> Note | None:
    """Make a note of what somebody was writing: of `text` if it is newer than what was kept."""
    await act.store.cases.hold(case_id)
    author = _author(act)
    draft = await act.store.drafts.get(case_id, author)
    if draft is not None:
        await act.store.drafts.drop(case_id, author)
    words = text if text is not None else draft.text if draft is not None else ""
    return await note(act, case_id=case_id, text=words) if words.strip() else None


async def draft_of(act: Act, *, case_id: UUID) -> Draft | None:
    """What the actor is writing on a case."""
    return await act.look.drafts.get(case_id, _author(act))


async def _is_overtaken(act: Act, case_id: UUID, author: UUID, text: str) -> bool:
    theirs = [one for one in await act.store.cases.notes(case_id) if one.author_id == author]
    return bool(
        theirs and theirs[-1].text.startswith(text) and act.now - theirs[-1].at < OVERTAKEN_FOR
    )


def _author(act: Act) -> UUID:
    if act.actor.id is None or act.actor.kind is not ActorKind.AGENT:
        raise Forbidden(permission=Permission.SERVE)
    return act.actor.id
