"""Writing to the customer of a case by mail."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.house import House
from nowserving.actions.remarks import add_remark
from nowserving.cases import moves
from nowserving.cases.case import Note, Visibility, WrongState, moved
from nowserving.cases.letters import (
    ATTEMPTS_AT_MOST,
    LEASE,
    Letter,
    LetterState,
    NobodyToWriteTo,
    pause_after,
    subject_with,
)
from nowserving.kit.problems import Invalid, NotFound, Stale
from nowserving.people.actor import system
from nowserving.people.permissions import Permission

AT_ONCE = 20
DOMAIN = "nowserving.invalid"
"""The right side of our mails' ids; their left side is what nobody guesses."""

HandIn = Callable[[Letter], Awaitable[str]]
"""Hands in one mail; answers why it was not taken, or nothing."""


async def write(act: Act, *, case_id: UUID, text: str) -> Note:
    """Write to the customer of a case: a remark they can read, and a mail, or neither.

    Raises NobodyToWriteTo if no address is known. The mail waits in the same transaction.
    """
    case = await act.store.cases.hold(case_id)
    act.must(Permission.WORK_CASES, at=case.unit_id)
    if not text.strip():
        raise Invalid(field="text", reason="empty")
    details = await act.store.cases.details(case_id)
    if not details.email:
        raise NobodyToWriteTo(case=case_id)
    note = await add_remark(act, case, text, visibility=Visibility.PUBLIC)
    before = await act.store.letters.of(case_id)
    id = act.new_id()
    title = details.title or (await act.directory()).services[case.service_id].name
    letter = Letter(
        organization_id=case.organization_id,
        id=id,
        case_id=case_id,
        message_id=f"<{id.hex}@{DOMAIN}>",
        at=act.now,
        to=details.email,
        cc=details.cc or "",
        subject=subject_with(title, case.number, act.house.vault.mark(case_id)),
        text=text,
        references=tuple(one.message_id for one in before[-20:]),
        due_at=act.now,
    )
    await act.store.letters.add_letter(letter)
    to = moved(case, moves.NOTE, act.now)
    await act.change(case, to, moves.NOTE, note_id=note.id)
    return note


async def letters_of(act: Act, *, case_id: UUID) -> list[Letter]:
    """What was written to the customer of a case, the oldest first, and how each mail fares."""
    case = await act.look.cases.get(case_id)
    act.must(Permission.SEE_LINE, at=case.unit_id, case=case.id)
    return await act.look.letters.of(case_id)


async def send_again(act: Act, *, case_id: UUID, letter_id: UUID) -> Letter:
    """Have a mail handed in after all that was given up.

    It goes to the address it was written to. Raises WrongState for one that was taken or
    that still waits: the customer would get it twice.
    """
    case = await act.store.cases.hold(case_id)
    act.must(Permission.WORK_CASES, at=case.unit_id)
    for seen in await act.store.letters.of(case_id):
        if seen.id == letter_id:
            break
    else:
        raise NotFound(what="letter", id=letter_id)
    if seen.state is not LetterState.GIVEN_UP:
        raise WrongState(letter=letter_id, state=seen.state)
    again = replace(seen, attempts=0, due_at=act.now)
    if not await act.store.letters.write_letter(seen, again):
        raise Stale(letter=letter_id)
    return again


async def hand_in(house: House, organization_id: UUID, take: HandIn) -> int:
    """Hand in the mail that waits, each at least once; says how many were taken.

    Whoever claims a mail has it for a while; no transaction is open while it is handed in.
    """
    actor, taken = system(organization_id, "mail"), 0
    async with house.acting(actor) as act:
        claimed = []
        for seen in await act.store.letters.claimable(act.now, AT_ONCE):
            mine = replace(seen, attempts=seen.attempts + 1, due_at=act.now + LEASE)
            if await act.store.letters.write_letter(seen, mine):
                claimed.append(mine)
    for letter in claimed:
        error = await take(letter)
        async with house.acting(actor) as act:
            again = error and letter.attempts < ATTEMPTS_AT_MOST
            done = replace(
                letter,
                due_at=act.now + pause_after(letter.attempts) if again else None,
                sent_at=None if error else act.now,
                error=error[:500],
            )
            await act.store.letters.write_letter(letter, done)
        taken += not error
    return taken
