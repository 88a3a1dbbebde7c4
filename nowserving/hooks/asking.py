"""Asking hooks: all at once, each for its time, over the guarded way out."""

import asyncio
from codecs import BOM_UTF8
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from time import monotonic
from typing import Any, Self
from uuid import UUID

import msgspec
import structlog

from nowserving.actions.asking import WITHIN_HEADER, Heard, Question, Unreadable, Words
from nowserving.hooks.breaker import Breaker
from nowserving.hooks.guard import Guard, Refused
from nowserving.hooks.hiding import answer_without_secrets
from nowserving.hooks.post import Answer
from nowserving.hooks.posters import Posters
from nowserving.hooks.retries import our_outage, there
from nowserving.hooks.turns import Turns
from nowserving.kit.clock import Clock
from nowserving.kit.ids import Ids
from nowserving.kit.problems import Invalid
from nowserving.kit.vault import Vault
from nowserving.places.endpoints import Endpoint
from nowserving.places.hooks import SECONDS_AT_MOST, Asking, Hook, HookKind, Outcome
from nowserving.store.engines import Clash, Engine, Looking, Unavailable
from nowserving.store.store import Store

AT_ONCE = 64
"""Questions to one hook on their way at once; who comes then waits, as long as it may."""

NOTED_AT_MOST = 10_000
"""Answers that wait to be written down; beyond that none is noted."""

KEPT_OF_ANSWER = 500
"""Characters of an answer that are kept."""

DEPTH = "Nowserving-Depth"

_log = structlog.get_logger("nowserving.hooks")


class NotAsked(Exception):
    """This hook cannot be asked; the text says why."""


class SwitchedOff(Exception):
    """Somebody has switched off what this hook stands below, and all others with it."""


class Asker:
    """Puts questions to hooks, and has written down what came of it.

    Nothing is held while a hook is waited for: no transaction, no connection, no lock.
    """

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        posters: Posters,
        languages: Mapping[str, Words],
        *,
        guard: Guard,
        clock: Clock,
        ids: Ids,
        breaker: Breaker | None = None,
    ) -> None:
        self.languages = languages
        self._engine = engine
        self._vault = vault
        self._posters = posters
        self._guard = guard
        self._clock = clock
        self._ids = ids
        self._breaker = breaker or Breaker()
        self._turns: dict[UUID, Turns] = {}
        self._noted: asyncio.Queue[Asking] = asyncio.Queue(NOTED_AT_MOST)

    async def __aenter__(self) -> Self:
        self._writing = asyncio.create_task(self._write(), name="hooks")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._write_all()
        self._writing.cancel()
        await asyncio.wait([self._writing])

    def check_url(self, url: str) -> None:
        """Invalid, with the reason, if the guard would not let us go there."""
        try:
            self._guard.check(url)
        except Refused as refused:
            raise Invalid(field="url", reason=str(refused.args[0])) from None

    async def ask(self, hooks: Sequence[Hook], question: Question) -> list[Heard]:
        """Ask them all at once and wait, each for its time; answers in the order of `hooks`."""
        return list(await asyncio.gather(*(self._ask(hook, question) for hook in hooks)))

    def note(self, done: Sequence[Asking]) -> None:
        """Have it written down what came of it, at leisure."""
        for one in done:
            if self._noted.full():
                _log.warning("too many answers at once; some are not noted")
                return
            self._noted.put_nowait(one)

    async def written(self) -> None:
        """Wait until all that was noted is written down."""
        await self._noted.join()

    async def _ask(self, hook: Hook, question: Question) -> Heard:
        if not self._breaker.may_ask(hook.id):
            return await self._left_in_peace(hook)
        at, began = self._clock(), monotonic()
        try:
            answer, noted = await self._answer(hook, question)
        except SwitchedOff:
            self._breaker.gave_up(hook.id)
            return _switched_off(hook)
        except BaseException:
            self._breaker.gave_up(hook.id)
            raise
        self._note_health(hook, answer)
        said, failed = self._read(hook, question, answer)
        return Heard(
            hook,
            said,
            failed,
            Asking(
                organization_id=hook.organization_id,
                hook_id=hook.id,
                id=self._ids(at),
                kind=question.kind,
                case_id=question.case_id,
                at=at,
                microseconds=round((monotonic() - began) * 1_000_000),
                outcome=Outcome.AGREED if failed is None else Outcome.FAILED,
                status=answer.status,
                error=failed,
                response=_kept(question.kind, noted),
                dry_run=question.dry_run,
            ),
        )

    async def _left_in_peace(self, hook: Hook) -> Heard:
        """What becomes of a hook that is not asked for a while; it may be switched off as well."""
        try:
            async with asyncio.timeout(min(hook.seconds, SECONDS_AT_MOST)):
                await self._endpoint(hook)
        except SwitchedOff:
            return _switched_off(hook)
        except (NotAsked, TimeoutError, Unavailable):
            pass  # a silence like any other
        return Heard(hook, failed="it has not answered lately and is left in peace")

    async def _answer(self, hook: Hook, question: Question) -> tuple[Answer, bytes]:
        """Whatever comes of it within the hook's time, the wait for our turn included.

        And what may be noted of it.
        """
        began, seconds = monotonic(), min(hook.seconds, SECONDS_AT_MOST)
        turns = self._turns.setdefault(hook.id, Turns(AT_ONCE))
        if not await turns.take(began + seconds, clock=monotonic):
            return Answer(None, b"", "too many others wait for its answers", seconds, None), b""
        try:
            return await self._post(hook, question, seconds - (monotonic() - began))
        finally:
            turns.give_back()
            if not turns.taken:
                self._turns.pop(hook.id, None)

    async def _post(self, hook: Hook, question: Question, seconds: float) -> tuple[Answer, bytes]:
        began = monotonic()
        try:
            async with asyncio.timeout(seconds):
                endpoint = await self._endpoint(hook)
                post = self._words(hook).say(
                    question,
                    hook,
                    endpoint=endpoint,
                    secrets=self._secrets(hook, endpoint),
                    until=self._clock() + timedelta(seconds=seconds),
                )
        except (NotAsked, TimeoutError, Unavailable) as why:
            reason = str(why) if isinstance(why, NotAsked) else "we were too slow ourselves"
            return Answer(None, b"", reason, monotonic() - began, None), b""
        except Exception:
            _log.exception("a question could not be said", hook=str(hook.id))
            return Answer(None, b"", "it could not be said", monotonic() - began, None), b""
        settings = hook.settings if endpoint is None else endpoint.settings
        own = self._own_headers(hook, endpoint)
        answer = await self._posters.post(
            post.url,
            post.body,
            {**own, **_common(question), **post.headers},
            timeout=max(seconds - (monotonic() - began), 0.001),
            trusted=settings.get("allowed") is True,
        )
        hidden = {**own, WITHIN_HEADER: question.within}
        return answer, answer_without_secrets(answer.body, hidden, hidden, post.url)

    async def _endpoint(self, hook: Hook) -> Endpoint | None:
        """The endpoint below which it is asked.

        Raises SwitchedOff where somebody has paused or deleted it, NotAsked where it is disabled
        because it was not there: that is a silence like any other.
        """
        if hook.endpoint_id is None:
            return None
        store = Store(Looking(self._engine), hook.organization_id)
        found = await store.endpoints.some([hook.endpoint_id])
        endpoint = found.get(hook.endpoint_id)
        if endpoint is None or endpoint.is_paused:
            raise SwitchedOff
        if not endpoint.state.told:
            raise NotAsked("its endpoint is disabled")
        return endpoint

    def _words(self, hook: Hook) -> Words:
        words = self.languages.get(hook.dialect)
        if words is None or hook.kind not in words.kinds:
            raise NotAsked("nobody speaks its language")
        return words

    def _secrets(self, hook: Hook, endpoint: Endpoint | None) -> list[str]:
        whose = hook if endpoint is None else endpoint
        return [self._vault.unlock(locked) for locked in whose.secrets(self._clock())]

    def _own_headers(self, hook: Hook, endpoint: Endpoint | None) -> dict[str, str]:
        found: dict[str, str] = {}
        for locked in (endpoint.headers if endpoint is not None else None, hook.headers):
            if locked is not None:
                found |= msgspec.json.decode(self._vault.unlock(locked), type=dict[str, str])
        return found

    def _note_health(self, hook: Hook, answer: Answer) -> None:
        """Only who does not answer costs others their time; whoever says nonsense does not."""
        if there(answer) and answer.error is None:
            self._breaker.answered(hook.id)
        elif our_outage(answer):
            self._breaker.gave_up(hook.id)
        else:
            self._breaker.failed(hook.id)

    def _read(self, hook: Hook, question: Question, answer: Answer) -> tuple[Any, str | None]:
        if answer.status is None or answer.error is not None:
            return None, answer.error
        try:
            body = answer.body.removeprefix(BOM_UTF8)  # .NET likes to write one
            return self._words(hook).read(question, answer.status, body), None
        except Unreadable as why:
            return None, str(why)
        except Exception:
            _log.exception("an answer could not be read", hook=str(hook.id))
            return None, "the answer could not be read"

    async def _write(self) -> None:
        """Write down what was noted; what comes meanwhile is written together."""
        while True:
            first = await self._noted.get()
            await self._log([first, *self._more()])

    async def _write_all(self) -> None:
        rest = self._more()
        if rest:
            await self._log(rest)
        await self._noted.join()

    def _more(self) -> list[Asking]:
        return [self._noted.get_nowait() for _ in range(self._noted.qsize())]

    async def _log(self, done: Sequence[Asking]) -> None:
        by_organization: dict[UUID, list[Asking]] = defaultdict(list)
        for one in done:
            by_organization[one.organization_id].append(one)
        try:
            for organization_id, some in by_organization.items():
                async with self._engine.writing() as connection:
                    await Store(connection, organization_id).hooks.log(some)
        except (Clash, Unavailable):
            _log.warning("answers of hooks are not noted: the database does not answer")
        except Exception:
            _log.exception("answers of hooks could not be noted")
        finally:
            for _ in done:
                self._noted.task_done()


def _switched_off(hook: Hook) -> Heard:
    return Heard(hook, failed="its webhooks are switched off", off=True)


def _kept(kind: HookKind, body: bytes) -> str | None:
    """The beginning of an answer, as a database keeps it; nothing of an answer about people."""
    if kind is HookKind.CUSTOMERS:
        return None
    text = body[: KEPT_OF_ANSWER * 4].decode(errors="replace")
    return text.replace("\0", "\ufffd")[:KEPT_OF_ANSWER]


def _common(question: Question) -> dict[str, str]:
    """What goes along in every language: how deep we are, the caller's key, is it a test."""
    found = {"Content-Type": "application/json", DEPTH: "1", WITHIN_HEADER: question.within}
    if question.key is not None:
        found["Idempotency-Key"] = question.key
    if question.dry_run:
        found["Nowserving-Dry-Run"] = "true"
    return found
