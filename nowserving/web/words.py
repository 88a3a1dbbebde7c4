"""The names people see for states, moves, rules and problems.

English stands here and is the key of the translations. A test asks for every state, move,
rule and problem, in every language.
"""

from collections.abc import Iterable, Mapping

from nowserving.cases import attachment
from nowserving.cases import case as cases
from nowserving.cases.moves import State
from nowserving.kit import http
from nowserving.kit import problems as kit
from nowserving.kit.problems import Blame, Problem
from nowserving.people import attendance, staff
from nowserving.places import hooks, services
from nowserving.places.needs import Need, NotSuited
from nowserving.queues.line import Rule
from nowserving.web.speech import Speech


def N_(message: str) -> str:  # noqa: N802
    """Mark a message for translation where it is not yet known into which language."""
    return message


STATES: Mapping[State, str] = {
    State.PLANNED: N_("Expected"),
    State.WAITING: N_("Waiting"),
    State.PENDING: N_("Passed over for now"),
    State.CALLED: N_("Called"),
    State.ACTIVE: N_("Being served"),
    State.ON_HOLD: N_("On hold"),
    State.RESOLVED: N_("Done"),
    State.CLOSED: N_("Closed"),
    State.CANCELED: N_("Canceled"),
    State.ABANDONED: N_("Left the line"),
    State.NO_SHOW: N_("Did not come"),
}

MOVES: Mapping[str, str] = {
    "plan": N_("Plan"),
    "reschedule": N_("Move the appointment"),
    "call_off": N_("Call off"),
    "queue_up": N_("Take a number"),
    "open": N_("Open a case"),
    "arrive": N_("Check in"),
    "pend": N_("Pass over for now"),
    "resume": N_("Let wait again"),
    "call": N_("Call"),
    "call_again": N_("Call again"),
    "undo_call": N_("Undo call"),
    "start": N_("Start"),
    "take_up": N_("Take on"),
    "hold": N_("Put on hold"),
    "return": N_("Back to the line"),
    "transfer": N_("Transfer"),
    "resolve": N_("Finish"),
    "close": N_("Close"),
    "cancel": N_("Cancel"),
    "abandon": N_("Leave the line"),
    "come_back": N_("Come back"),
    "miss": N_("No-show"),
    "reopen": N_("Take up again"),
    "merge": N_("Merge"),
    "take_in": N_("Take in"),
    "assign": N_("Assign"),
    "link": N_("Link"),
    "unlink": N_("Unlink"),
    "escalate": N_("Escalate"),
    "correct": N_("Correct"),
    "note": N_("Note"),
    "attach": N_("Add a file"),
    "detach": N_("Remove the file"),
    "clear_file": N_("Release the file"),
    "erase": N_("Erase what is personal"),
}
"""What a button says, by the verb of the move."""

FACTS: Mapping[str, str] = {
    "case.planned": N_("Planned"),
    "case.rescheduled": N_("Appointment moved"),
    "case.called_off": N_("Called off"),
    "case.queued": N_("Took a number"),
    "case.opened": N_("Case opened"),
    "case.arrived": N_("Checked in"),
    "case.pended": N_("Passed over for now"),
    "case.resumed": N_("Waiting again"),
    "case.called": N_("Called"),
    "case.called_again": N_("Called again"),
    "case.call_undone": N_("Call taken back"),
    "case.started": N_("Service started"),
    "case.taken_up": N_("Taken on"),
    "case.held": N_("Put on hold"),
    "case.returned": N_("Put back in the line"),
    "case.transferred": N_("Transferred"),
    "case.resolved": N_("Done"),
    "case.closed": N_("Closed"),
    "case.canceled": N_("Canceled"),
    "case.abandoned": N_("Left the line"),
    "case.came_back": N_("Came back"),
    "case.missed": N_("Did not come"),
    "case.reopened": N_("Taken up again"),
    "case.merged": N_("Merged into another case"),
    "case.took_in": N_("A duplicate was merged in"),
    "case.assigned": N_("Assigned"),
    "case.linked": N_("Linked to another case"),
    "case.unlinked": N_("Link taken away"),
    "case.escalated": N_("Deadline passed"),
    "case.corrected": N_("Corrected"),
    "case.noted": N_("Note written"),
    "case.attached": N_("File added"),
    "case.detached": N_("File removed"),
    "case.file_cleared": N_("File checked and clean"),
    "case.erased": N_("Personal data erased"),
    "customer.erased": N_("Customer erased"),
    "agent.clocked_in": N_("Came to work"),
    "agent.clocked_out": N_("Went home"),
    "agent.unavailable": N_("Became unavailable"),
    "agent.available": N_("Became available"),
    "agent.moved": N_("Works elsewhere"),
    "desk.occupied": N_("Sat down at a desk"),
    "desk.left": N_("Left a desk"),
    "customer.created": N_("Customer taken down"),
    "customer.changed": N_("Customer put right"),
    "customer.merged": N_("Customer merged into another"),
    "customer.took_in": N_("Another customer was merged in"),
    "record.created": N_("Record added"),
    "record.changed": N_("Record put right"),
    "record.removed": N_("Record removed"),
}
"""What a line of a case's history says, by the kind of the fact."""

ACTORS: Mapping[str, str] = {
    "agent": N_("a colleague"),
    "client": N_("a program"),
    "visitor": N_("the kiosk"),
    "holder": N_("the customer"),
    "system": N_("the server"),
}
"""Who did something, where the journal knows no name."""

RULES: Mapping[Rule, str] = {
    Rule.ONLY_ONE: N_("the only one waiting"),
    Rule.FOR_AGENT: N_("waits for you in person"),
    Rule.APPOINTMENT: N_("the booked time has come"),
    Rule.FROM_BOOKED_TIME: N_("has waited longest, counted from the booked time"),
    Rule.TURN_OF_APPOINTMENT: N_("it is the turn of somebody with an appointment"),
    Rule.TURN_OF_WALK_IN: N_("it is the turn of somebody without an appointment"),
    Rule.PRIORITY: N_("has priority"),
    Rule.AGED: N_("has waited longer than those with priority"),
    Rule.LONGEST: N_("has waited longest"),
    Rule.CHOSEN: N_("chosen by hand"),
}

CHANNELS: Mapping[services.Channel, str] = {
    services.Channel.FACE_TO_FACE: N_("In person"),
    services.Channel.VIDEO: N_("By video"),
    services.Channel.PHONE: N_("By phone"),
    services.Channel.CHAT: N_("By chat"),
}

NEEDS: Mapping[Need, str] = {
    Need.WHEELCHAIR: N_("A room for a wheelchair"),
    Need.INTERPRETER: N_("An interpreter"),
}
"""What somebody needs, or a place has."""

ADVICE: Mapping[type[Problem], str] = {
    attachment.NoRoom: N_("Remove files that are not needed any more, or send smaller ones."),
    attachment.FileHeld: N_("Try again in a minute. If it stays so, tell your administrator."),
    attachment.FileDamaged: N_("Ask whoever sent it for the file again."),
    attachment.FilesOff: N_("Ask your administrator to name a place for files."),
    attachment.WrongOffset: N_("Begin the upload anew."),
    attendance.ClockInFirst: N_("Clock in on the desk; then go on."),
    attendance.CannotPause: N_("Finish with the person at your desk first, or put them on hold."),
    cases.DeskBusy: N_("Finish with the person at your desk first, or put them on hold."),
    cases.DeskTaken: N_("Choose another desk, or take this one over if your colleague has gone."),
    cases.NotYours: N_("Ask your colleague, or somebody who leads the team."),
    cases.NoRoute: N_("Choose one of the queues offered under Transfer."),
    cases.TooLate: N_("Put the person back in the line instead."),
    cases.TooSoon: N_("The button works again 15 seconds after the last call."),
    cases.WrongState: N_("The page now shows how things stand; look and choose again."),
    NotSuited: N_("Choose another time, or ask somebody who can arrange it."),
    kit.Stale: N_("The page now shows how things stand; look and choose again."),
    kit.StillRunning: N_("Wait a moment; the answer is on its way."),
    http.NoSuchPage: N_("Check the address, or begin again at the start page."),
    http.TooLarge: N_("Send less: shorten the text or choose a smaller file."),
    http.TooSlow: N_("Try again where the connection is better."),
    http.Unready: N_("Nothing is lost. Try again in a few seconds."),
    staff.LockedOut: N_("Wait a quarter of an hour, or ask your administrator."),
    staff.WrongPassword: N_("Type both again; watch capital and small letters."),
    staff.UnknownCaller: N_("Sign in and try again."),
    hooks.HookRefused: N_("Ask whoever runs that system, or do it another way."),
    hooks.NotConfirmed: N_("Nothing is lost. Try again in a few seconds."),
    hooks.NotSent: N_("Try again in a few seconds, or call the person instead."),
    hooks.NoSms: N_("Ask your administrator to set one up."),
    services.PhoneRequired: N_("Give a phone number with its area code."),
    services.EmailRequired: N_("Give an e-mail address like name@example.org."),
}
"""What to do about a problem, where the general advice would not help."""

GENERAL_ADVICE: Mapping[Blame, str] = {
    Blame.UNKNOWN_CALLER: N_("Sign in and try again."),
    Blame.FORBIDDEN: N_("If you need to do this, ask your administrator."),
    Blame.MISSING: N_("It may have been moved or removed. Go back and choose again."),
    Blame.INPUT: N_("Go back, check what you entered, and send it again."),
    Blame.CONFLICT: N_("Go back, look how things stand now, and try again."),
    Blame.HASTE: N_("Wait a minute and try again."),
}


def state(say: Speech, state: State) -> str:
    """The name of a state."""
    return say(STATES[state])


def move(say: Speech, verb: str) -> str:
    """What the button of a move says."""
    return say(MOVES[verb])


def fact(say: Speech, kind: str) -> str:
    """What a line of the history says."""
    return say(FACTS[kind]) if kind in FACTS else kind


def actor(say: Speech, principal: str) -> str:
    """Who it was, where it was nobody with a name."""
    kind = principal.partition(":")[0]
    return say(ACTORS[kind]) if kind in ACTORS else principal


def rule(say: Speech, rule: Rule) -> str:
    """Why somebody is next."""
    return say(RULES[rule])


def channel(say: Speech, channel: services.Channel) -> str:
    """How customer and agent meet."""
    return say(CHANNELS[channel])


def needs(say: Speech, needs: Iterable[Need]) -> str:
    """What somebody needs, or a place has."""
    return ", ".join(say(NEEDS[need]) for need in needs)


def problem(say: Speech, problem: Problem) -> str:
    """What happened."""
    said = problem.said(say.language) if isinstance(problem, hooks.HookRefused) else ""
    return said or say(problem.message())


def advice(say: Speech, problem: Problem) -> str:
    """How to fix it."""
    return say(ADVICE.get(type(problem)) or GENERAL_ADVICE[problem.blame])
