"""Python's collector of cycles, for processes in which nearly everything stays for good.

Whenever 700 objects more are there than before, Python begins to look through the youngest,
and now and then through all: in vain while modules are imported, and for a tenth of a second
in which nobody is served.
"""

import gc

COLLECT_AFTER = 20_000
"""New objects after which the youngest are looked through for cycles."""


def seldom() -> None:
    """Look less often: for a process that begins."""
    gc.set_threshold(COLLECT_AFTER)


def spare_what_stands() -> None:
    """Look no more at what is there by now; and less often at what comes."""
    gc.collect()
    gc.freeze()
    seldom()
