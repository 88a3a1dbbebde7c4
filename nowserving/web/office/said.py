"""The words of administration: what was done, how endpoints fare, and what is asked of people."""

from collections.abc import Mapping

from nowserving.places.endpoints import Endpoint, EndpointState, Why
from nowserving.web.speech import Speech
from nowserving.web.words import N_

SAID: Mapping[str, str] = {
    "change": N_("Saved."),
    "pause": N_("Paused. What happens now is told when it is resumed."),
    "resume": N_("Resumed. What has piled up is told now."),
    "challenge": N_("It is being asked again whether it wants to be told."),
    "delete": N_("Deleted."),
}
"""What was done, by the verb."""

STATES: Mapping[EndpointState, str] = {
    EndpointState.ACTIVE: N_("Active"),
    EndpointState.DEGRADED: N_("Has trouble"),
    EndpointState.DISABLED: N_("Disabled"),
    EndpointState.DELETED: N_("Deleted"),
}
WHYS: Mapping[Why, str] = {
    Why.PAUSED: N_("Paused by hand"),
    Why.GONE: N_("The receiver says that it is gone"),
    Why.FAILING: N_("Nothing was taken for days"),
}
TONES: Mapping[EndpointState, str] = {
    EndpointState.ACTIVE: "good",
    EndpointState.DEGRADED: "warn",
    EndpointState.DISABLED: "bad",
    EndpointState.DELETED: "",
}
"""How a state is colored; the word says it too."""

DIALECTS: Mapping[str, tuple[str, str]] = {
    "native": (
        N_("Nowserving"),
        N_("Our own language: every fact as it is, signed as Standard Webhooks has it."),
    ),
    "cubu": (
        N_("Cubu"),
        N_("For receivers made for Cubu: its After webhooks below one base URL, signed or not."),
    ),
    "vcc": (
        N_("VCC Live"),
        N_("For receivers made for VCC Live: Ticket Status, plain or encrypted."),
    ),
}
"""The languages, with a sentence about each."""

VERBS: Mapping[str, str] = {
    "add": N_("Added"),
    "change": N_("Changed"),
    "pause": N_("Paused"),
    "resume": N_("Resumed"),
    "roll_secret": N_("New secret"),
    "confirm": N_("Confirmed"),
    "delete": N_("Deleted"),
}
"""What a line of the changes says."""

STUCK: Mapping[str, str] = {
    "park": N_("Wait until something new happens to the case"),
    "skip": N_("Leave it out and go on"),
    "coalesce": N_("Tell only the newest"),
}


def state(say: Speech, endpoint: Endpoint) -> str:
    """How an endpoint stands, in a few words."""
    return say(WHYS[endpoint.why]) if endpoint.why is not None else say(STATES[endpoint.state])
