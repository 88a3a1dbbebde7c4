"""The command line as an operator uses it: in a process of its own, or in this one.

A process shows that a command comes up by itself; each command is run so at least once. What
it does and says is the same here, without the second that a process needs to begin.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from unittest.mock import patch

from nowserving.main.cli import main

OURS = "NOWSERVING_"
"""How settings begin: those of whoever runs the tests are none of a command's."""


@dataclass(frozen=True)
class Told:
    """What a command said, and whether it was content."""

    returncode: int
    stdout: str
    stderr: str


def run(*words: str, **environment: str) -> Told:
    """Run `nowserving` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", "from nowserving.main.cli import main; main()", *words],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Told(done.returncode, done.stdout, done.stderr)


def typed(*words: str, **environment: str) -> Told:
    """Run `nowserving` in this process."""
    with ThreadPoolExecutor(1) as beside:  # it has an event loop of its own, and we have ours
        return beside.submit(_main, words, environment).result()


def _main(words: tuple[str, ...], environment: dict[str, str]) -> Told:
    out, err, code = StringIO(), StringIO(), 0
    plain = {name: text for name, text in os.environ.items() if not name.startswith(OURS)}
    mask = os.umask(0o077)
    try:
        with (
            patch.dict(os.environ, {**plain, **environment}, clear=True),
            patch.object(sys, "argv", ["nowserving", *words]),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        os.umask(mask)
    return Told(code, out.getvalue(), err.getvalue())
