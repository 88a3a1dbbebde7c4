"""What people write on cases: remarks, and the reasons they give.

It may be personal, so it stands in the notes of the case and never in a fact, which names
the note only.
"""

from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.words import keep_words
from nowserving.cases.case import Case, Note, Visibility
from nowserving.kit.texts import kept

TEXT_AT_MOST = 4000


async def add_remark(
    act: Act,
    case: Case,
    text: str,
    *,
    visibility: Visibility = Visibility.INTERNAL,
    field: str = "text",
    author: str = "",
) -> Note:
    """Add a remark to a case; whoever asks for it tells the fact, with the note's id.

    `author`: who wrote it, if that is not who acts.
    """
    remark = Note(
        act.actor.organization_id,
        act.new_id(),
        case.id,
        act.now,
        author or act.actor.name,
        act.actor.id,
        kept(text, field=field, at_most=TEXT_AT_MOST),
        visibility,
    )
    await act.store.cases.add_note(remark)
    await keep_words(act, case)
    return remark


async def add_reason(act: Act, case: Case, reason: str) -> UUID | None:
    """Keep a reason somebody gave, if they gave one, and say under which id."""
    if not reason.strip():
        return None
    return (await add_remark(act, case, reason, field="reason")).id
