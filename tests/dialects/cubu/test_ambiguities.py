"""What the documentation leaves open is listed in README.md, and each of it has a test."""

import re
from pathlib import Path

from nowserving.dialects import cubu
from tests import __file__ as here

ROW = re.compile(r"^\| (\d\d?) \|.*\| ([^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def test_each_ambiguity_has_a_test_that_there_is() -> None:
    readme = (Path(cubu.__file__).parent / "README.md").read_text()
    rows = [(int(number), TEST.findall(tests)) for number, tests in ROW.findall(readme)]
    assert [number for number, _ in rows] == list(range(1, 21))
    for number, tests in rows:
        assert tests, number
        for path, name in tests:
            file = Path(here).parent / re.sub(r"^cubu/", "dialects/cubu/", path)
            assert f"def {name}(" in file.read_text(), (number, path, name)
