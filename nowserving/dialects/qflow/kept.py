"""What Q-Flow says of a case that means nothing to us: kept in its extras, under one name."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from nowserving.cases.case import Case
from nowserving.dialects.qflow.binding import Bound
from nowserving.places.codes import Code, CodeKind
from nowserving.places.directory import Directory
from nowserving.places.services import Service

NAME = "qflow"


def kept_of(case: Case) -> Mapping[str, Any]:
    """What is kept with a case."""
    found = case.extras.get(NAME)
    return found if isinstance(found, dict) else {}


def classified(directory: Directory, codes: list[str], field: str) -> list[str]:
    """Classifications as they are written here; NoSuchCode for one that there is not."""
    kind = CodeKind.CLASSIFICATION
    return [directory.coded(kind, code, field=field).code for code in codes if code]


def procedure(directory: Directory, given: Bound) -> dict[str, str]:
    """The procedure and its option, by external reference; NoSuchCode if there is none."""
    found: dict[str, str] = {}
    act: Code | None = None
    if reference := given.text("ProcedureExtRef"):
        act = directory.coded(CodeKind.PROCEDURE, reference, field="ProcedureExtRef")
        found["procedure"] = act.code
    if reference := given.text("ProcedureOptionExtRef"):
        field = "ProcedureOptionExtRef"
        option = directory.coded(CodeKind.PROCEDURE_OPTION, reference, field=field)
        if act is not None and option.parent_id not in (None, act.id):
            directory.code_numbered(CodeKind.PROCEDURE_OPTION, 0, field=field)
        found["option"] = option.code
    return found


def properties(directory: Directory, service: Service, given: Bound) -> dict[UUID, str]:
    """Custom properties that are fields of the service, by name or slug; others are ignored."""
    named: dict[str, UUID] = {}
    for field in directory.fields_of(service.category_id):
        named |= {field.name.lower(): field.id, field.slug.lower(): field.id}
    said = given.properties("CustomProperties")
    return {named[name.lower()]: said[name] for name in said if name.lower() in named}
