"""A call as a board shows and says it."""

from dataclasses import dataclass

from nowserving.actions.views import Call
from nowserving.kit.clock import micros
from nowserving.web.speech import Speech, base_of, speech

SIZES = ((4, ""), (7, "long"))
"""Characters of a number, and how it is set if it has no more."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence to be said aloud, in the language it is in."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One call on the board."""

    ticket: str
    desk: str
    key: str
    here: bool
    spoken: list[Spoken]

    @property
    def size(self) -> str:
        """How the number is set, so that it fits."""
        return next((name for most, name in SIZES if len(self.ticket) <= most), "longest")


def line_of(call: Call, language: str) -> Line:
    """A call, spoken in the language of its ticket and then in that of the house.

    The key is another one each time somebody is called: a call taken back and made again, or
    repeated, is announced again.
    """
    tongues = dict.fromkeys((call.language or language, language))
    return Line(
        ticket=call.ticket,
        desk=call.desk,
        key=f"{micros(call.called_at)}-{call.ticket}",
        here=call.here,
        spoken=[Spoken(tag, sentence(speech(base_of(tag)), call)) for tag in tongues],
    )


def sentence(say: Speech, call: Call) -> str:
    """What is said aloud: letters and digits one by one, so that 14 is not heard as 40."""
    number = ", ".join(call.ticket)
    if not call.desk:
        return say("Number %(number)s, please.", number=number)
    return say("Number %(number)s, please go to: %(desk)s.", number=number, desk=call.desk)
