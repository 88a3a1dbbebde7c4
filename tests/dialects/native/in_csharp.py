"""The receiver in C# of docs/receivers.md, compiled by Mono and tried on right and wrong requests.

    python -m tests.dialects.native.in_csharp

Not in the suite, which would need a compiler for this alone. It says whether all is well, and
the fingerprint by which the suite knows the program that was tried.
"""

import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.dialects.native.test_receivers import NOW, RIGHT, SECRET, WRONG, programs

TRIED = "e0d1d317cbaf79d3c001e8bd683a267b7de08aa74483b61d303e291522361076"
"""The program that was tried last, with Mono 6.8: all right."""

_DRIVER = """
using System; using System.Collections.Generic;
static class Driver {
    static void Main() {
        for (string line; (line = Console.ReadLine()) != null;) {
            var given = line.Split('\\t');
            var headers = new Dictionary<string, string>();
            for (int at = 2; at + 1 < given.Length; at += 2) headers[given[at]] = given[at + 1];
            Console.WriteLine(Webhooks.IsFromUs(Convert.FromBase64String(given[0]), headers,
                given[1], DateTimeOffset.FromUnixTimeSeconds(NOW)));
        }
    }
}
"""


def program() -> str:
    """The program on the page."""
    [one] = programs("csharp")
    return one


def fingerprint() -> str:
    """By which it is known again."""
    return sha256(program().encode()).hexdigest()


def verdicts() -> list[bool]:
    """What it says of each request, the right ones first."""
    asked = [*RIGHT.values(), *WRONG.values()]
    lines = (
        "\t".join(
            [b64encode(body).decode(), SECRET, *(part for pair in given.items() for part in pair)]
        )
        for body, given in asked
    )
    with TemporaryDirectory() as folder:
        at = Path(folder)
        (at / "page.cs").write_text(program())
        (at / "driver.cs").write_text(_DRIVER.replace("NOW", str(NOW)))
        subprocess.run(["mcs", "-out:t.exe", "page.cs", "driver.cs"], cwd=at, check=True)
        told = subprocess.run(
            ["mono", "t.exe"],
            cwd=at,
            input="\n".join(lines),
            capture_output=True,
            text=True,
            check=True,
        )
    return [line == "True" for line in told.stdout.split()]


if __name__ == "__main__":
    is_well = verdicts() == [True] * len(RIGHT) + [False] * len(WRONG)
    print(fingerprint() if is_well else "the program in C# is wrong")
    sys.exit(not is_well)
