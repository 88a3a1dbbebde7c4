"""Each trap in docs/testing.md names tests that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`([\w/]+\.py)`(?:: ((?:`\w+`(?:, )?)+))?")


def test_every_trap_has_a_test_that_there_is() -> None:
    page = (ROOT / "docs" / "testing.md").read_text()
    table = page.split("## Traps of telling others")[1].split("\n## ")[0]
    rows = [row.split("|") for row in table.splitlines() if row.startswith("|")][2:]
    assert rows
    for _, trap, _, tests, _ in rows:
        files = NAMED.findall(tests)
        assert files, trap
        for file, names in files:
            [path] = (ROOT / "tests").glob(f"**/{file}")
            for name in re.findall(r"`(\w+)`", names):
                assert re.search(rf"def test_\w*{name}", path.read_text()), (file, name)
