"""What a ticket says to whoever holds it."""

from dataclasses import dataclass

from nowserving.actions.views import TicketView
from nowserving.cases import moves
from nowserving.cases.moves import State
from nowserving.web.place import before
from nowserving.web.speech import Speech
from nowserving.web.words import N_

STATES = {
    State.PLANNED: N_("Booked"),
    State.WAITING: N_("Waiting"),
    State.PENDING: N_("Paused"),
    State.CALLED: N_("Your turn"),
    State.ACTIVE: N_("In service"),
    State.ON_HOLD: N_("On hold"),
    State.RESOLVED: N_("Done"),
    State.CLOSED: N_("Done"),
    State.CANCELED: N_("Canceled"),
    State.ABANDONED: N_("You left"),
    State.NO_SHOW: N_("Missed"),
}
"""The state in one word, as a customer says it."""

ADVICE = {
    State.WAITING: N_("Keep this page open: it tells you when it is your turn."),
    State.PENDING: N_("You are passed over for the moment and keep your place."),
    State.CALLED: N_("Please go there now."),
    State.ON_HOLD: N_("Please stay close by: you will be called again."),
    State.RESOLVED: N_("Thank you for your visit."),
    State.CLOSED: N_("Thank you for your visit."),
    State.CANCELED: N_("This ticket is not valid any more."),
    State.ABANDONED: N_("This ticket is not valid any more."),
    State.NO_SHOW: N_("You were called and did not come. Please ask at the reception."),
}

CALM = ((10, 0), (50, 1_000), (199, 8_000))
"""Milliseconds that a move of the line may wait, by the people before you: far back it is no
news, and thousands may be watching."""

CALMEST = 45_000


@dataclass(frozen=True, slots=True)
class Saying:
    """A ticket in one language."""

    say: Speech
    view: TicketView

    @property
    def turn(self) -> bool:
        """Is this person expected at a desk? Some cases begin with the call itself."""
        case = self.view.case
        if case.state is not State.ACTIVE or not (case.started_at and case.called_at):
            return case.state is State.CALLED
        return case.started_at <= case.called_at

    @property
    def state(self) -> State:
        """The state as it is for the customer."""
        return State.CALLED if self.turn else self.view.case.state

    @property
    def word(self) -> str:
        """The state in one word."""
        return self.say(STATES[self.state])

    @property
    def advice(self) -> str:
        """What to do now."""
        if self.may_come_back:
            return self.say("You have left the line.")
        return self.say(ADVICE.get(self.state, ""))

    @property
    def before(self) -> str:
        """How many are before this person."""
        return before(self.say, self.view.place) if self.view.place else ""

    @property
    def desk(self) -> str:
        """Where to go."""
        return self.view.desk.name if self.view.desk else self.say("the counter")

    @property
    def title(self) -> str:
        """What a browser's tab shows, beside twenty others."""
        number = str(self.view.case.ticket)
        return f"(!) {self.desk}" if self.turn else f"{number} · {self.before or self.word}"

    @property
    def aloud(self) -> str:
        """The change in one sentence, for whoever does not see it."""
        if self.turn:
            return self.say("It is your turn: %(desk)s", desk=self.desk)
        return f"{self.word}. {self.before or self.advice}"

    @property
    def calm(self) -> int:
        """Milliseconds that a move of the line may wait before this page asks again."""
        place = self.view.place
        if place is None:
            return 0
        return next((ms for most, ms in CALM if place.before <= most and place.counted), CALMEST)

    @property
    def may_leave(self) -> bool:
        """Can the line still be left?"""
        return self.view.case.state in moves.ABANDON.when

    @property
    def may_come_back(self) -> bool:
        """Is the place still kept?"""
        return self.view.case.may_come_back(self.view.now)

    @property
    def seconds_left(self) -> int:
        """How long the place is still kept."""
        return self.view.case.seconds_to_come_back(self.view.now)
