"""Asking those who want to be asked before something is done to a case.

The act is prepared and nothing is written; then its hooks are asked, all at once, while no
transaction and no connection is held; then it is done, over what was seen. If somebody was
faster it is done again with the same answers, twice at most. A refusal leaves nothing behind.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from cryptography.fernet import InvalidToken

from nowserving.actions.act import Act, Answered
from nowserving.actions.asking import (
    MAY_CHANGE,
    WITHIN,
    About,
    AboutCase,
    Changes,
    Heard,
    Question,
    Verdict,
)
from nowserving.kit.clock import instant, micros
from nowserving.kit.problems import Problem
from nowserving.people.actor import ActorKind
from nowserving.places.directory import Directory
from nowserving.places.hooks import (
    SECONDS_AT_MOST,
    Hook,
    HookKind,
    HookRefused,
    NotConfirmed,
    OnFailure,
    Outcome,
)

Result = TypeVar("Result")
Accept = Callable[[Changes], Awaitable[Result]]
"""The act as it will be with some changes; a Problem where they would not do."""

_log = structlog.get_logger("nowserving.hooks")


async def ask_before(
    act: Act, kind: HookKind, about: AboutCase, directory: Directory, accept: Accept[Result]
) -> Result:
    """Ask who is to be asked before an act; the act with what they changed.

    `about` is the case as prepared; it must have the same id however often the act is done
    again (`act.asked.id`). `accept({})` is the act as it was wanted. A change that would not
    do is left out and noted. Raises HookRefused, and NotConfirmed where a hook that has to
    agree does not answer.
    """
    case = about.case
    hooks = directory.hooks_for(kind, case.unit_id, case.service_id)
    if not hooks:
        return await accept({})
    unheard = [hook for hook in hooks if not act.asked.knows(kind, case.id, hook.id)]
    heard = await _hear(act, kind, about, directory, unheard) if unheard else []
    act.asked.remember(kind, case.id, heard)
    said = [(hook, act.asked.said(kind, case.id, hook.id)) for hook in hooks]
    dropped: frozenset[str] = frozenset()
    try:
        _check(said)
        changes = _together(said)
        allowed = {name: changes[name] for name in changes if name in MAY_CHANGE[kind]}
        result, unfit = await _taken_up(allowed, accept)
        dropped = unfit | (changes.keys() - allowed.keys())
    finally:
        _note(act, heard, dropped)
    return result


async def at_once(asked: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """What is asked about several cases of one act, all at the same moment.

    One after the other they would add up, and whoever waits for all of them waits for seconds.
    What fails first is raised, and the others are not waited for.
    """
    tasks = [asyncio.create_task(one) for one in asked]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def ask_for(
    act: Act, hooks: Sequence[Hook], about: About, directory: Directory
) -> list[Heard]:
    """Ask for something that is no case; what was heard, by who has answered as they should.

    Raises NotConfirmed where one that has to answer does not. Nothing may be held meanwhile.
    """
    if not hooks:
        return []
    assert not act.wrote, "nobody is asked while a transaction is open"
    heard = await _ask(act, hooks, hooks[0].kind, about, directory)
    _note(act, heard, frozenset())
    for one in heard:
        if one.failed is not None and not one.off and one.hook.on_failure is OnFailure.DENY:
            raise NotConfirmed(hook=one.hook.name)
    return [one for one in heard if one.failed is None]


async def _hear(
    act: Act, kind: HookKind, about: AboutCase, directory: Directory, hooks: Sequence[Hook]
) -> list[Heard]:
    assert not act.wrote, "nobody is asked while a transaction is open"
    await _answered_before(act)
    return await _ask(act, hooks, kind, about, directory)


async def _ask(
    act: Act, hooks: Sequence[Hook], kind: HookKind, about: About, directory: Directory
) -> list[Heard]:
    """What they say; nothing to who asks us before it has answered us: that would never end."""
    if is_within(act):
        return [Heard(hook, failed="it was asked for by a hook") for hook in hooks]
    question = await question_of(act, kind, about, directory)
    return await act.house.asks.ask(hooks, question)


async def question_of(
    act: Act, kind: HookKind, about: About, directory: Directory, *, dry_run: bool = False
) -> Question:
    """The question, with who asks and the token that goes along with what a hook asks of us."""
    agent = None
    if act.actor.kind is ActorKind.AGENT and act.actor.id is not None:
        agent = await act.look.people.agent(act.actor.id)
    return Question(
        kind=kind,
        id=act.new_id(),
        at=act.now,
        about=about,
        actor=act.actor,
        directory=directory,
        agent=agent,
        key=act.once.key if act.once is not None else None,
        within=_within(act),
        dry_run=dry_run,
    )


def is_within(act: Act) -> bool:
    """Was this asked of us by a hook, before it answered a question of ours?

    Only who has the token of a question that is still open can say so: others could get
    around hooks by it.
    """
    token = WITHIN.get()
    if not token:
        return False
    try:
        purpose, organization, until = act.house.vault.unlock(token.encode()).split(" ")
    except (InvalidToken, ValueError):
        return False
    ours = (purpose, organization) == ("within", str(act.actor.organization_id))
    return ours and act.now <= instant(int(until))


def _within(act: Act) -> str:
    until: datetime = act.now + timedelta(seconds=SECONDS_AT_MOST)
    locked = act.house.vault.lock(f"within {act.actor.organization_id} {micros(until)}")
    return locked.decode()


async def _answered_before(act: Act) -> None:
    """Who asks again with the same key gets the same answer, and no hook is asked for it."""
    if act.once is None:
        return
    kept = await act.look.requests.kept(act.actor.principal, act.once.key)
    if kept is not None:
        raise Answered(act.once.again(kept))


def _check(said: Sequence[tuple[Hook, Verdict | None]]) -> None:
    """HookRefused if anybody refuses, NotConfirmed if somebody who has to agree is silent."""
    for hook, verdict in said:
        if verdict is not None and not verdict.allows:
            texts = {"texts": dict(verdict.texts)} if verdict.texts else {}
            reason = {"reason": verdict.reason} if verdict.reason else {}
            raise HookRefused(hook=hook.name, **reason, **texts)
    for hook, verdict in said:
        if verdict is None and hook.on_failure is OnFailure.DENY:
            raise NotConfirmed(hook=hook.name)


def _together(said: Sequence[tuple[Hook, Verdict | None]]) -> dict[str, Any]:
    """The changes of all hooks; where two want the same, the younger one's, field by field."""
    together: dict[str, Any] = {}
    for _, verdict in said:
        for name, value in (verdict.changes if verdict is not None else {}).items():
            if name == "fields":
                together[name] = {**together.get(name, {}), **value}
            else:
                together[name] = value
    return together


async def _taken_up(wanted: Changes, accept: Accept[Result]) -> tuple[Result, frozenset[str]]:
    """The act with all changes that do, and the names of those that do not."""
    try:
        return await accept(wanted), frozenset()
    except Problem:
        if not wanted:
            raise
    kept: dict[str, Any] = {}
    dropped: set[str] = set()
    for name, value in wanted.items():
        try:
            await accept({**kept, name: value})
        except Problem:
            dropped.add(name)
        else:
            kept[name] = value
    return await accept(kept), frozenset(dropped)


def _note(act: Act, heard: Sequence[Heard], dropped: frozenset[str]) -> None:
    """Have it written down what came of it, once for each time a hook was asked."""
    done = []
    for one in heard:
        lost = (_changes(one).keys() & dropped) | _unread(one)
        if lost:
            _log.warning("changes would not do", hook=str(one.hook.id), changes=sorted(lost))
        if one.asking is not None:
            done.append(replace(one.asking, outcome=_outcome(one), dropped=tuple(sorted(lost))))
    act.house.asks.note(done)


def _outcome(heard: Heard) -> Outcome:
    if heard.failed is not None:
        return Outcome.FAILED
    if isinstance(heard.said, Verdict) and not heard.said.allows:
        return Outcome.REFUSED
    return Outcome.CHANGED if _changes(heard) else Outcome.AGREED


def _unread(heard: Heard) -> frozenset[str]:
    return heard.said.unread if isinstance(heard.said, Verdict) else frozenset()


def _changes(heard: Heard) -> Changes:
    return heard.said.changes if isinstance(heard.said, Verdict) else {}
