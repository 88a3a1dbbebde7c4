"""What other systems call things: codes of the organization, references of units and services."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from nowserving.actions import codes, references
from nowserving.actions.act import Act
from nowserving.actions.directory import seen_directory
from nowserving.dialects.native import say, shapes
from nowserving.dialects.native.operations import Chapter
from nowserving.dialects.native.orders import Order
from nowserving.kit.problems import NotFound
from nowserving.places.codes import CodeKind, NoSuchCode

CHAPTER = Chapter(
    "Codes and references",
    "What other systems call things here. A code is a word of the organization that they name: "
    "a classification, a procedure or one of its options, a reason to call something off, a kind "
    "of personal id or of unit. Our own rules know none of them. For whoever manages places.",
)

CodeText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=codes.CODE_AT_MOST,
        description="Unique in its kind, in whatever case it is written.",
    ),
]
CodeName = Annotated[str, Meta(min_length=1, max_length=codes.NAME_AT_MOST)]
Reference = Annotated[
    str,
    Meta(
        max_length=references.REFERENCE_AT_MOST, description="What another system calls it, if any."
    ),
]
Procedure = Annotated[UUID | None, Meta(description="The procedure of an option.")]


class Code(msgspec.Struct):
    """A word with a code. Numbers count from 1 within a kind."""

    id: UUID
    kind: CodeKind
    number: int
    code: str
    name: str
    parent_id: Procedure
    archived: bool


class Codes(msgspec.Struct):
    """Codes, by kind and number."""

    codes: list[Code]


class CodesAsked(Order):
    """Which codes: of one kind, or all; `archived`: those too that nobody finds any more."""

    kind: CodeKind | UnsetType = UNSET
    archived: bool = False


class AddCode(Order):
    """A word that other systems name. Its kind and number are for good."""

    kind: CodeKind
    code: CodeText
    name: CodeName
    parent_id: Procedure = None


class ChangeCode(Order):
    """What is otherwise from now on. Archived: found by nobody; cases that have it keep it."""

    code: CodeText | UnsetType = UNSET
    name: CodeName | UnsetType = UNSET
    parent_id: Procedure | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class ChangeUnit(Order):
    """What is otherwise from now on."""

    ext_ref: Reference | UnsetType = UNSET
    type_id: (
        Annotated[UUID | None, Meta(description="A code of the kind `unit_type`.")] | UnsetType
    ) = UNSET
    wait_target: (
        Annotated[
            int,
            Meta(
                ge=1,
                le=references.MINUTES_AT_MOST,
                description="Nobody should wait longer, in minutes.",
            ),
        ]
        | UnsetType
    ) = UNSET


class ChangeService(Order):
    """What is otherwise from now on."""

    ext_ref: Reference | UnsetType = UNSET
    price: (
        Annotated[
            str,
            Meta(
                max_length=references.PRICE_AT_MOST,
                description="What it costs, for people to read.",
            ),
        ]
        | UnsetType
    ) = UNSET
    documents: (
        Annotated[
            str,
            Meta(
                max_length=references.DOCUMENTS_AT_MOST,
                description="What to bring, a line for each thing.",
            ),
        ]
        | UnsetType
    ) = UNSET
    needs_customer: bool | UnsetType = UNSET
    needs_phone: bool | UnsetType = UNSET
    needs_email: bool | UnsetType = UNSET
    pends: (
        Annotated[bool, Meta(description="New cases are passed over until resumed.")] | UnsetType
    ) = UNSET


@CHAPTER.get("/codes")
async def get_codes(act: Act, query: CodesAsked) -> Codes:
    """The words that other systems name by a code."""
    found = (await seen_directory(act)).codes.values()
    asked = [
        one
        for one in found
        if query.kind in (UNSET, one.kind) and (query.archived or not one.archived)
    ]
    ordered = sorted(asked, key=lambda one: (one.kind, one.number))
    return Codes([say.like(one, Code) for one in ordered])


@CHAPTER.post(
    "/codes",
    status=201,
    raises=(NotFound,),
    example={"kind": "classification", "code": "APPLY", "name": "Application"},
)
async def add_code(act: Act, order: AddCode) -> Code:
    """Add a code."""
    made = await codes.add_code(act, **msgspec.structs.asdict(order))
    return say.like(made, Code)


@CHAPTER.patch("/codes/{code_id}", example={"name": "Applications", "archived": False})
async def change_code(act: Act, code_id: UUID, order: ChangeCode) -> Code:
    """Change or archive a code. Its kind and number stay."""
    return say.like(await codes.change_code(act, code_id=code_id, to=_given(order)), Code)


@CHAPTER.patch(
    "/units/{unit_id}", raises=(NoSuchCode,), example={"ext_ref": "BR-17", "wait_target": 10}
)
async def change_unit(act: Act, unit_id: UUID, order: ChangeUnit) -> shapes.Unit:
    """Say what another system calls a unit, of which kind it is, how long people should wait."""
    changed = await references.change_unit(act, unit_id=unit_id, to=_given(order))
    return say.like(changed, shapes.Unit)


@CHAPTER.patch(
    "/services/{service_id}",
    example={"ext_ref": "SVC-101", "price": "37 euros", "documents": "Old passport\nA photo"},
)
async def change_service(act: Act, service_id: UUID, order: ChangeService) -> shapes.Service:
    """Say what another system calls a service, what it costs, what to bring, what it asks for."""
    changed = await references.change_service(act, service_id=service_id, to=_given(order))
    return say.service(await act.directory(), changed)


def _given(order: msgspec.Struct) -> dict[str, Any]:
    said = msgspec.structs.asdict(order)
    return {name: value for name, value in said.items() if value is not UNSET}
