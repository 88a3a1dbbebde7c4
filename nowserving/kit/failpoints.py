"""Named places at which a process can be told to die, to see that nothing is lost there.

`NOWSERVING_FAILPOINT=name` or `name:3` (the third time it is reached). Nobody sets it but tests.
"""

import os
import signal
from collections.abc import Mapping

VARIABLE = "NOWSERVING_FAILPOINT"

NAMES = frozenset(
    {
        "tx.before_commit",
        "tx.after_commit_before_reply",
        "router.after_delete_outbox",
        "router.after_commit_before_waking",
        "deliver.after_claim_before_send",
        "deliver.after_send_before_complete",
        "deliver.after_complete_before_commit",
        "replay.after_send_before_progress",
    }
)

_left: dict[str, int] = {}


def arm(environment: Mapping[str, str] = os.environ) -> None:
    """Die at the place that the environment names; ValueError if there is no such place."""
    _left.clear()
    name, _, times = environment.get(VARIABLE, "").partition(":")
    if name and name not in NAMES:
        raise ValueError(f"there is no failpoint {name}")
    if name:
        _left[name] = int(times or 1)


def reached(name: str) -> None:
    """Die here, without a word, if that is what was wanted."""
    if not _left or name not in _left:
        return
    _left[name] -= 1
    if not _left[name]:
        os.kill(os.getpid(), signal.SIGKILL)
