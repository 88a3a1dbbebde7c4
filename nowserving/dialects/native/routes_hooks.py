"""Who is asked before something is done."""

from typing import Any
from uuid import UUID

from msgspec import UNSET

from nowserving.actions import hooks
from nowserving.actions.act import Act
from nowserving.actions.asking import Heard, Verdict
from nowserving.dialects.native import hook_shapes as shapes
from nowserving.dialects.native.changes import Changes, ChangesPage, say_changes
from nowserving.dialects.native.operations import Chapter
from nowserving.kit.problems import NotFound
from nowserving.places.hooks import Asking, Hook, NoSuchHook

CHAPTER = Chapter(
    "Before hooks",
    "Systems that are asked before something is done, and waited for: at most five seconds, "
    "while nothing is held up. They may change what is about to be done, and refuse it: the "
    "caller then gets `hook-refused` with their message, and nothing has happened. What a "
    "silent one means is `on_failure`. For whoever may manage integrations.",
)
_EXAMPLE = {"kind": "queue_up", "url": "https://crm.example/queue-up", "on_failure": "deny"}


@CHAPTER.get("/hooks")
async def get_hooks(act: Act) -> shapes.Hooks:
    """Who is asked before what."""
    return shapes.Hooks([_hook(act, one) for one in await hooks.hooks(act)])


@CHAPTER.post(
    "/hooks",
    status=201,
    at=lambda made: f"/hooks/{made.hook.id}",
    raises=(NoSuchHook, NotFound),
    example=_EXAMPLE,
    shown_once=("secret",),
)
async def add_hook(act: Act, order: shapes.AddHook) -> shapes.HookWithSecret:
    """Have somebody asked from now on. The secret is in this answer and in no other."""
    given = {name: getattr(order, name) for name in order.__struct_fields__}
    made, secret = await hooks.add(act, wanted=hooks.Wanted(**_ours(given)))
    return shapes.HookWithSecret(_hook(act, made), secret)


@CHAPTER.get("/hooks/{hook_id}")
async def get_hook(act: Act, hook_id: UUID) -> shapes.Hook:
    """One hook."""
    return _hook(act, await hooks.hook(act, hook_id=hook_id))


@CHAPTER.patch("/hooks/{hook_id}", raises=(NoSuchHook,), example={"state": "disabled"})
async def change_hook(act: Act, hook_id: UUID, order: shapes.ChangeHook) -> shapes.Hook:
    """Change where, how long and for what somebody is asked."""
    given = {name: getattr(order, name) for name in order.__struct_fields__}
    changes = _ours({name: value for name, value in given.items() if value is not UNSET})
    return _hook(act, await hooks.change(act, hook_id=hook_id, changes=changes))


@CHAPTER.post("/hooks/{hook_id}/roll-secret", raises=(NoSuchHook,), shown_once=("secret",))
async def roll_hook_secret(act: Act, hook_id: UUID) -> shapes.HookWithSecret:
    """Make a new secret; the old one signs beside it for a day."""
    changed, secret = await hooks.roll_secret(act, hook_id=hook_id)
    return shapes.HookWithSecret(_hook(act, changed), secret)


@CHAPTER.post("/hooks/{hook_id}/test", raises=(NoSuchHook,))
async def try_hook(act: Act, hook_id: UUID) -> shapes.TriedHook:
    """Ask a hook about a case that there is not, as a dry run."""
    return _tried(await hooks.try_out(act, hook_id=hook_id))


@CHAPTER.get("/hooks/{hook_id}/askings")
async def get_askings(act: Act, hook_id: UUID, query: shapes.AskingsPage) -> shapes.Askings:
    """What a hook has answered lately; kept for 30 days."""
    found = await hooks.askings(act, hook_id=hook_id, most=query.limit)
    return shapes.Askings([_asked(one) for one in found])


@CHAPTER.get("/hooks/{hook_id}/changes")
async def get_hook_changes(act: Act, hook_id: UUID, query: ChangesPage) -> Changes:
    """Who changed what of a hook, the newest first."""
    found = await hooks.history(act, hook_id=hook_id, before=query.older_than, most=query.limit + 1)
    return say_changes(found, query)


@CHAPTER.post("/hooks/{hook_id}/remove")
async def remove_hook(act: Act, hook_id: UUID) -> None:
    """Ask somebody no longer."""
    await hooks.remove(act, hook_id=hook_id)


def _ours(given: dict[str, Any]) -> dict[str, Any]:
    """What was given, by our own names and in our own forms."""
    if "timeout" in given:
        given["milliseconds"] = given.pop("timeout")
    for name in ("unit_ids", "service_ids"):
        if given.get(name) is not None:
            given[name] = tuple(dict.fromkeys(given[name]))
    return given


def _hook(act: Act, hook: Hook) -> shapes.Hook:
    plain = {name: getattr(hook, name) for name in _PLAIN}
    return shapes.Hook(
        **plain,
        unit_ids=None if hook.unit_ids is None else list(hook.unit_ids),
        service_ids=None if hook.service_ids is None else list(hook.service_ids),
        timeout=hook.milliseconds,
        headers=hooks.names_of_headers(act, hook),
        settings=dict(hook.settings),
    )


_PLAIN = (
    "id",
    "kind",
    "dialect",
    "name",
    "url",
    "endpoint_id",
    "on_failure",
    "state",
    "created_at",
    "version",
)


def _asked(one: Asking) -> shapes.Asked:
    plain = {name: getattr(one, name) for name in _SAME}
    return shapes.Asked(**plain, milliseconds=one.microseconds / 1000, dropped=list(one.dropped))


_SAME = set(shapes.Asked.__struct_fields__) - {"milliseconds", "dropped"}


def _tried(heard: Heard) -> shapes.TriedHook:
    said, asking = heard.said, heard.asking
    verdict = said if isinstance(said, Verdict) else None
    return shapes.TriedHook(
        allows=verdict.allows if verdict is not None else None if heard.failed else True,
        reason=verdict.reason if verdict is not None else "",
        changes=sorted(verdict.changes) if verdict is not None else [],
        error=heard.failed,
        status=asking.status if asking is not None else None,
        milliseconds=asking.microseconds / 1000 if asking is not None else 0.0,
        response=asking.response if asking is not None else None,
    )
