"""Every kind of fact there is, with what it says; others hear of nothing else.

Beside a move that somebody forced against the table (actions/work.py), its fact says `forced`.
Facts about customers have the `customer` after them where others have the `case`, those about
records the `record`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fact: one sentence, and what its data say beside the subject after it.

    The subject is a `case`, an `agent` or a `desk`, as the first part of the name says.
    """

    name: str
    sentence: str
    beside: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """What kind of thing it happened to."""
        return self.name.partition(".")[0]


KINDS: tuple[Kind, ...] = (
    Kind("case.planned", "A time was booked.", ("appointment",)),
    Kind("case.rescheduled", "The booked time became another.", ("appointment", "before")),
    Kind("case.called_off", "An appointment was called off; its time is free.", ("note_id",)),
    Kind("case.queued", "Somebody joined a line and has a ticket."),
    Kind("case.opened", "A case was opened that stands in no line.", ("counted_only",)),
    Kind(
        "case.arrived",
        "Somebody with an appointment is here and stands in line.",
        ("punctuality", "overridden"),
    ),
    Kind("case.pended", "A waiting case is passed over for now and keeps its place."),
    Kind("case.resumed", "A pending case can be called again."),
    Kind("case.called", "Somebody was called to a desk, by this rule.", ("rule",)),
    Kind("case.called_again", "The call was announced once more."),
    Kind("case.call_undone", "The call was taken back; the person stands where they stood."),
    Kind("case.started", "The person stands at the desk, or was taken up again from hold."),
    Kind("case.taken_up", "Somebody works on a case that stands in no line."),
    Kind("case.held", "The case was put aside by its agent.", ("note_id",)),
    Kind("case.returned", "The case went back into its line, at its old place."),
    Kind("case.transferred", "The case went to another queue.", ("from_queue_id", "from_unit_id")),
    Kind("case.resolved", "The matter is settled.", ("served_by",)),
    Kind("case.closed", "No further work is done on the case."),
    Kind("case.canceled", "The case was called off.", ("note_id",)),
    Kind("case.abandoned", "The person left the line."),
    Kind("case.came_back", "The person who had left took up their old place again."),
    Kind("case.missed", "The person did not come when called."),
    Kind("case.reopened", "An ended case stands in its line again."),
    Kind("case.merged", "The case was a duplicate and lives on in another.", ("into_id",)),
    Kind("case.took_in", "A duplicate was merged into the case.", ("from_id",)),
    Kind("case.assigned", "The case has another responsible or owner.", ("changed",)),
    Kind("case.linked", "The case and another one belong together.", ("link", "other_id")),
    Kind(
        "case.unlinked", "The case and another one belong together no more.", ("link", "other_id")
    ),
    Kind("case.escalated", "The case is still open after its deadline."),
    Kind("case.corrected", "Something about the case was put right.", ("changed",)),
    Kind("case.noted", "A remark was written on the case.", ("note_id",)),
    Kind(
        "case.attached",
        "A file was put on the case; nobody gets it while it is held.",
        ("file_id", "held", "media_type", "size"),
    ),
    Kind(
        "case.detached",
        "A file was removed from the case: by somebody, as malware, or with the person.",
        ("file_id", "media_type", "size", "why"),
    ),
    Kind("case.file_cleared", "A file that was held is clean and can be opened.", ("file_id",)),
    Kind("case.erased", "Whatever was personal in the case was erased.", ("files", "notes")),
    Kind("agent.clocked_in", "Somebody came to work."),
    Kind("agent.clocked_out", "Somebody ended their work.", ("why",)),
    Kind("agent.unavailable", "Somebody at work takes nobody.", ("reason", "task_id")),
    Kind("agent.available", "Somebody at work takes people again."),
    Kind("agent.moved", "Somebody works in another unit or workspace."),
    Kind(
        "desk.occupied",
        "Somebody sat down at a desk; by force, if a colleague had to give way.",
        ("forced",),
    ),
    Kind("desk.left", "Somebody sits at a desk no more.", ("left_by", "why")),
    Kind("customer.created", "A customer was taken down."),
    Kind("customer.changed", "Something about a customer was put right.", ("changed",)),
    Kind("customer.merged", "A customer lives on in another.", ("into_id",)),
    Kind("customer.erased", "Whatever was personal in a customer was erased."),
    Kind("customer.took_in", "Another customer was merged into this one.", ("from_id",)),
    Kind("record.created", "A record was added to one of the organization's own tables."),
    Kind("record.changed", "Something in a record was put right.", ("changed",)),
    Kind("record.removed", "A record was removed for good."),
)

CATALOGUE = {kind.name: kind for kind in KINDS}
