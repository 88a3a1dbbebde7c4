"""Who used the processors: CPU time of process families, from procfs."""

import os
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def spent_by(*roots: int) -> float:
    """Seconds of CPU used so far by some processes and all that came from them.

    Those who have ended meanwhile are counted with the parent that waited for them.
    """
    parents, seconds = _processes()
    children: dict[int, list[int]] = defaultdict(list)
    for pid, parent in parents.items():
        children[parent].append(pid)
    families = list(roots)
    for pid in families:
        families += children[pid]
    return sum(seconds.get(pid, 0.0) for pid in families)


def _processes() -> tuple[dict[int, int], dict[int, float]]:
    parents: dict[int, int] = {}
    seconds: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(FileNotFoundError, ProcessLookupError):
                facts = (entry / "stat").read_text().rpartition(")")[2].split()
                pid = int(entry.name)
                parents[pid] = int(facts[1])
                seconds[pid] = sum(map(int, facts[11:15])) / _TICKS
    return parents, seconds
