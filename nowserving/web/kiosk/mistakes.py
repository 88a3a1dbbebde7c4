"""What went wrong with a form at a kiosk, in words for whoever stands there."""

from dataclasses import dataclass

from nowserving.kit.problems import Invalid, KeyReused, Problem
from nowserving.places.hooks import HookRefused
from nowserving.places.services import EmailRequired, FieldRequired, PhoneRequired
from nowserving.web import words
from nowserving.web.speech import Speech
from nowserving.web.words import N_

UNREADABLE = {
    "kind": (N_("Choose what it is about."), ""),
    "phone": (N_("This is not a phone number."), words.ADVICE[PhoneRequired]),
    "email": (N_("This is not an e-mail address."), words.ADVICE[EmailRequired]),
}
"""An input that makes no sense, and how to mend it."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What happened, what to do now, and the input that it is about, if it is about one."""

    what: str
    advice: str
    field: str


def mistake_of(say: Speech, problem: Problem) -> Mistake:
    """A problem as the kiosk tells it."""
    field = str(problem.details.get("field", ""))
    if isinstance(problem, FieldRequired):
        name = str(problem.details.get("name", ""))
        return Mistake(say("Something is missing."), name, f"field-{field}")
    if isinstance(problem, HookRefused):
        return Mistake(words.problem(say, problem), "", "")
    if isinstance(problem, KeyReused):
        return Mistake(say("Please touch once more."), "", "")
    if type(problem) is Invalid and field in UNREADABLE:
        what, advice = UNREADABLE[field]
        return Mistake(say(what), say(advice), field)
    return Mistake(words.problem(say, problem), words.advice(say, problem), field)
