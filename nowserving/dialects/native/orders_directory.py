"""What can be asked for where an organization sets up work on cases."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from nowserving.cases.moves import State
from nowserving.dialects.native.orders import Order
from nowserving.places.statuses import Condition

Called = Annotated[str, Meta(min_length=1, max_length=100)]
Position = Annotated[int, Meta(ge=0, le=1000, description="Lower ones come first.")]
Color = Annotated[str, Meta(pattern="^#[0-9A-Fa-f]{6}$")]


class AddStatus(Order):
    """A name for a state: closed if the state is an end, else open."""

    name: Called
    state: State
    condition: Condition
    position: Position = 0
    type_id: Annotated[UUID | None, Meta(description="Only for this type; null: for all.")] = None


class AddPriority(Order):
    """A name for an urgency. `level`: 0 usual, 1 raised, 2 urgent."""

    name: Called
    level: Literal[0, 1, 2]
    position: Position = 0


class ChangeLabel(Order):
    """What is otherwise from now on. Archived: offered no more."""

    name: Called | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class AddInbox(Order):
    """A list from which a unit works on cases."""

    unit_id: UUID
    name: Called
    color: Color = "#795548"
    position: Position = 0


class ChangeInbox(ChangeLabel):
    """What is otherwise from now on. Not archived while a service leads to it."""

    color: Color | UnsetType = UNSET
