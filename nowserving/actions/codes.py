"""Codes: words that other systems name, such as classifications, procedures and reasons.

A code keeps its kind and its number; archived, it is found by nobody any more, and cases that
have it keep it. In whatever case it is written, a code stands for one word of its kind.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.setting_up import add, alone, change, checked, must_everywhere, named
from nowserving.kit.problems import Invalid, NotFound
from nowserving.places.codes import Code, CodeKind
from nowserving.places.directory import Directory

CODE_AT_MOST = 100
NAME_AT_MOST = 200
_CHANGED = frozenset({"code", "name", "parent_id", "archived"})


async def add_code(
    act: Act, *, kind: CodeKind, code: str, name: str, parent_id: UUID | None = None
) -> Code:
    """Add a word with a code. An option may name its procedure (`parent_id`), nothing else may."""
    _known(await act.directory(), parent_id)
    must_everywhere(act)
    directory = await alone(act)
    known = [one for one in directory.codes.values() if one.kind is kind]
    made = Code(
        organization_id=act.actor.organization_id,
        id=act.new_id(),
        kind=kind,
        number=max((one.number for one in known), default=0) + 1,
        code=named(code, field="code", at_most=CODE_AT_MOST),
        name=named(name, at_most=NAME_AT_MOST),
        parent_id=parent_id,
    )
    _check(directory, made)
    await add(act, made)
    return made


async def change_code(act: Act, *, code_id: UUID, to: Mapping[str, Any]) -> Code:
    """Change the `code`, `name`, `parent_id` or `archived` of a word."""
    _known(await act.directory(), code_id, to.get("parent_id"))
    must_everywhere(act)
    directory = await alone(act)
    seen = directory.codes[code_id]
    changes = checked({n: v for n, v in to.items() if n != "name"}, _CHANGED)
    if "name" in to:
        changes["name"] = named(to["name"], at_most=NAME_AT_MOST)
    if "code" in to:
        changes["code"] = named(to["code"], field="code", at_most=CODE_AT_MOST)
    changed = replace(seen, **changes)
    _check(directory, changed)
    await change(act, seen, changed)
    return changed


def _check(directory: Directory, code: Code) -> None:
    for one in directory.codes.values():
        same = one.kind is code.kind and one.code.casefold() == code.code.casefold()
        if same and one.id != code.id:
            raise Invalid(field="code", reason="there is such a code")
    if code.parent_id is None:
        return
    parent = directory.codes[code.parent_id]
    if code.kind is not CodeKind.PROCEDURE_OPTION or parent.kind is not CodeKind.PROCEDURE:
        raise Invalid(field="parent_id", reason="the procedure of an option")


def _known(directory: Directory, *ids: UUID | None) -> None:
    """NotFound unless there are such codes. They are never deleted."""
    for id in ids:
        if id is not None and id not in directory.codes:
            raise NotFound(what="code", id=id)
