"""What the house is told of the world outside: the languages it speaks, and where it may go."""

from nowserving.actions.outside import Outside
from nowserving.dialects.cubu import endpoints as cubu
from nowserving.dialects.native import endpoints as native
from nowserving.dialects.vcc import endpoints as vcc
from nowserving.hooks.guard import Guard, Refused
from nowserving.journal.consent import Challenge
from nowserving.kit.problems import Invalid

LANGUAGES = {one.name: one for one in (native.LANGUAGE, cubu.LANGUAGE, vcc.LANGUAGE)}
"""What can be set of an endpoint, for each wire language that goes out."""

CHALLENGES: dict[str, Challenge] = {native.NAME: native.Consent()}
"""How an endpoint is asked for its consent, where its language can say that."""


def outside(guard: Guard) -> Outside:
    """The world as this server may reach it."""

    def check_url(url: str, *, trusted: bool) -> None:
        try:
            (guard.allowing(url) if trusted else guard).check(url)
        except Refused as refused:
            raise Invalid(field="url", reason=str(refused.args[0])) from None

    return Outside(LANGUAGES, check_url)
