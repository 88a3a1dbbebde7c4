"""What can be asked for: bodies and queries. A member that is not listed is refused."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from nowserving.cases.admission import FIELD_AT_MOST, NAME_AT_MOST
from nowserving.cases.case import Visibility
from nowserving.cases.texts import CC_AT_MOST, TEXT_AT_MOST, TITLE_AT_MOST
from nowserving.people.attendance import DESCRIPTION_AT_MOST, Leaving, Reason
from nowserving.places.services import Channel

Name = Annotated[str, Meta(max_length=NAME_AT_MOST)]
Text = Annotated[str, Meta(max_length=FIELD_AT_MOST)]
Word = Annotated[str, Meta(max_length=320)]
Title = Annotated[str, Meta(max_length=TITLE_AT_MOST)]
LongText = Annotated[str, Meta(max_length=TEXT_AT_MOST)]
CopyTo = Annotated[str, Meta(max_length=CC_AT_MOST, description="Who else is told, by e-mail.")]
Instant = Annotated[datetime, Meta(tz=True)]
Secret = Annotated[str, Meta(max_length=1000)]
Priority = Annotated[int, Meta(ge=0, le=2, description="0 usual, 1 raised, 2 urgent.")]
Number = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Tags = Annotated[list[UUID], Meta(max_length=50)]
Value = Text | int | float | bool | None | Annotated[list[Text], Meta(max_length=50)]
Values = Annotated[
    dict[Annotated[str, Meta(max_length=100)], Value],
    Meta(description="Values of the category's fields, by slug or id."),
]
UUID_PATTERN = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
Limit = Annotated[int, Meta(ge=1, le=200, description="At most so many.")]


class Order(msgspec.Struct, forbid_unknown_fields=True):
    """A body of a request, or a query. Of the members in `one_of`, exactly one must be given."""

    one_of: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        """Refuse what its members alone do not show to be wrong."""
        given = [name for name in self.one_of if getattr(self, name) is not None]
        if self.one_of and len(given) != 1:
            raise ValueError(f"give one of {', '.join(self.one_of)}")


class SitDown(Order):
    """`take_over`: also if a colleague has left without signing out; they lose the desk.

    `keep_others`: stay at the desks where one sits already, too.
    """

    take_over: bool = False
    keep_others: bool = False


Description = Annotated[str, Meta(max_length=DESCRIPTION_AT_MOST)]


class Track(Order):
    """Whether attendance is kept."""

    tracked: bool


class ClockIn(Order):
    """Where work begins."""

    unit_id: UUID


class ClockOut(Order):
    """Why work ends."""

    why: Leaving = Leaving.END_OF_SHIFT
    description: Description | None = None


class BecomeUnavailable(Order):
    """Why somebody at work takes nobody."""

    reason: Reason
    description: Description | None = None
    task_id: UUID | None = None


class ChooseUnit(Order):
    """A unit to work in."""

    unit_id: UUID


class ChooseWorkspace(Order):
    """A workspace to work in."""

    workspace_id: UUID


class Nothing(Order):
    """An empty object, or no body at all."""


class GetToken(Order):
    """Client credentials (RFC 6749, section 4.4); id and secret may come by HTTP Basic instead.

    `organization` is the slug; it can be left out where there is only one.
    """

    grant_type: Annotated[str, Meta(pattern="^client_credentials$")]
    client_id: UUID | None = None
    client_secret: Secret | None = None
    organization: Word | None = None
    scope: Word | None = None


class SignIn(Order):
    """An agent's name and password; `organization` is the slug."""

    organization: Word
    login: Word
    password: Secret


class QueueUp(Order):
    """Who wants to join which line. The service: one of its id, external reference or number.

    What is left out is what the service does best.
    """

    one_of: ClassVar[tuple[str, ...]] = ("service_id", "service_ext_ref", "service_number")

    service_id: UUID | None = None
    service_ext_ref: Word | None = None
    service_number: Number | None = None
    type_id: Annotated[UUID | None, Meta(description="Left out: the service's first.")] = None
    channel: Annotated[Channel | None, Meta(description="Left out: the type's first.")] = None
    language: Annotated[
        Annotated[str, Meta(max_length=35)] | None,
        Meta(description="One of the organization's; left out: its first."),
    ] = None
    customer_id: UUID | None = None
    use_customer_contact: Annotated[
        bool, Meta(description="Take phone and e-mail from the customer where they are missing.")
    ] = False
    name: Name | None = None
    phone: Word | None = None
    email: Word | None = None
    fields: Values = {}
    tag_ids: Tags = []
    priority: Priority | None = None
    title: Title | None = None
    description: LongText | None = None


class Correct(Order):
    """What is to be otherwise. What is left out stays; null takes a value away."""

    name: Name | UnsetType | None = UNSET
    phone: Word | UnsetType | None = UNSET
    email: Word | UnsetType | None = UNSET
    fields: Values | UnsetType = UNSET
    tag_ids: Tags | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    title: Title | UnsetType | None = UNSET
    description: LongText | UnsetType | None = UNSET
    cc: CopyTo | UnsetType | None = UNSET
    solution: LongText | UnsetType | None = UNSET
    due_at: Instant | UnsetType | None = UNSET
    priority_id: UUID | UnsetType | None = UNSET
    customer_id: UUID | UnsetType | None = UNSET
    parent_id: UUID | UnsetType | None = UNSET
    outcome_id: UUID | UnsetType | None = UNSET


class CallNext(Order):
    """From which queues, by their ids or by a workspace, and to which desk."""

    one_of: ClassVar[tuple[str, ...]] = ("queue_ids", "workspace_id")

    queue_ids: Annotated[list[UUID], Meta(min_length=1, max_length=100)] | None = None
    workspace_id: UUID | None = None
    desk_id: UUID | None = None


class StartTheNext(Order):
    """In which workspace, and to which desk.

    `queue_id`: from this queue of it only. `settle_first`: resolve the cases at hand before,
    where the workspace's way with them says so. `silent`: no board shows or speaks the call.
    """

    workspace_id: UUID
    queue_id: UUID | None = None
    desk_id: UUID | None = None
    settle_first: bool = False
    silent: bool = False


class ToDesk(Order):
    """To which desk."""

    desk_id: UUID | None = None


class Because(Order):
    """Why, for colleagues: kept as a note on the case; the fact names its id only."""

    reason: Text = ""


class Hold(Because):
    """Why, for colleagues, and when the person is expected again, if that is known."""

    back_at: Annotated[datetime, Meta(tz=True)] | None = None


class Transfer(Order):
    """To which queue; at the case's own place there, or at the end."""

    queue_id: UUID
    keep_place: bool = True


class Resolve(Order):
    """How it ended, and the text of the solution."""

    outcome_id: UUID | None = None
    solution: Text | None = None


class AddNote(Order):
    """A remark; a public one stands on the customer's ticket page too."""

    text: Annotated[str, Meta(min_length=1, max_length=FIELD_AT_MOST)]
    visibility: Visibility = Visibility.INTERNAL


FileName = Annotated[str, Meta(max_length=16_384)]


class FileInJson(Order):
    """A file: what it is called, and its content in base64."""

    content: Annotated[str, Meta(extra_json_schema={"contentEncoding": "base64"})]
    name: FileName = ""


class AddFiles(Order):
    """Files in base64. They are decoded as they come, and none is held as a whole."""

    files: Annotated[list[FileInJson], Meta(min_length=1, max_length=20)]


class PlainFile(Order):
    """What the file is called. It may stand in `Content-Disposition` instead."""

    name: FileName = ""


class AtUnit(Order):
    """Only what is at this unit."""

    unit_id: UUID | UnsetType = UNSET


class LinePage(Order):
    """Which part of a line. `after`: what the part before gave as `next`."""

    after: Annotated[str, Meta(pattern=rf"^-?[0-9]{{1,18}}\.{UUID_PATTERN}$")] | UnsetType = UNSET
    limit: Limit = 50


class HistoryPage(Order):
    """Which part of a history: what happened after a version."""

    after: Number = 0
    limit: Limit = 100


class FeedPage(Order):
    """Which part of the feed. `after`: the place to go on from; left out, the beginning.

    `kinds`: only these, separated by commas. `wait`: so many seconds, if there is nothing yet.
    """

    after: Annotated[str, Meta(pattern=f"^{UUID_PATTERN}:[0-9]{{1,18}}$")] | UnsetType = UNSET
    limit: Limit = 100
    kinds: Annotated[str, Meta(max_length=2000, pattern="^[a-z_.]+(,[a-z_.]+)*$")] | UnsetType = (
        UNSET
    )
    wait: Annotated[int, Meta(ge=0, le=20)] = 0


class DeskView(Order):
    """Which queues, by a workspace or all of the unit, and which desk."""

    workspace_id: UUID | UnsetType = UNSET
    desk_id: UUID | UnsetType = UNSET
