"""A place in the line, in words."""

from nowserving.store.lines import Place
from nowserving.web.speech import Speech


def before(say: Speech, place: Place) -> str:
    """How many are before somebody; beyond what is counted, that it is more."""
    if not place.counted:
        return say("More than %(num)s people before you", num=say.number(place.before))
    if place.before == 0:
        return say("You are next")
    return say.many("%(num)s person before you", "%(num)s people before you", place.before)
