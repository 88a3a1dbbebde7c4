"""How VCC Live tells again what was not taken (reference: vcc-live.md, section 2).

15 attempts, 1, 2, 4, 8 ... minutes apart; then the case rests in the error queue. That the first
attempt is one of the 15 and that the wait is not capped is our reading; so is that 200 alone is
success: the vendor's page names no other.
"""

from nowserving.journal.telling import Policy, any_success
from nowserving.places.endpoints import Endpoint

ATTEMPTS = 15
WAITS = tuple(60.0 * 2**step for step in range(ATTEMPTS - 1))
TIMEOUT = 10.0


def two_hundred(status: int) -> bool:
    """Nothing but 200 means that it was taken."""
    return status == 200


EXACT = Policy(WAITS, jitter=False, takes=two_hundred, says_gaps=False, timeout=TIMEOUT)
LENIENT = Policy(WAITS, jitter=False, takes=any_success, says_gaps=False, timeout=TIMEOUT)


def policy(endpoint: Endpoint) -> Policy:
    """The policy for an endpoint, by its setting `any_success`."""
    return LENIENT if endpoint.settings.get("any_success") is True else EXACT
