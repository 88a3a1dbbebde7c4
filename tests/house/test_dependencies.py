"""What is installed with Nowserving is enough to run it: nothing is needed of the tests' own."""

import subprocess
import sys
import tomllib
from collections import deque
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = "nowserving"

REPOSITORY = Path(__file__).parents[2]

WITHOUT = """
import pkgutil, sys
from importlib.machinery import PathFinder

absent, find = set(sys.argv[1:]), PathFinder.find_spec

def find_spec(name, path=None, target=None):
    return None if name.partition(".")[0] in absent else find(name, path, target)

PathFinder.find_spec = find_spec
import nowserving
for module in pkgutil.walk_packages(nowserving.__path__, "nowserving."):
    if "migrations" not in module.name and not module.name.endswith("__main__"):
        __import__(module.name)
"""
"""Imports the whole house as if some modules were not installed."""


def brought_along() -> set[str]:
    """The distributions that come with an installation, with those that they ask for."""
    found: set[tuple[str, frozenset[str]]] = set()
    todo = deque([(ROOT, frozenset[str]())])
    while todo:
        name, extras = todo.popleft()
        if (name, extras) in found:
            continue
        found.add((name, extras))
        try:
            wanted = [Requirement(text) for text in requires(name) or ()]
        except PackageNotFoundError:
            continue  # for another system or version of Python
        todo += (
            (canonicalize_name(one.name), frozenset(one.extras))
            for one in wanted
            if one.marker is None
            or any(one.marker.evaluate({"extra": extra}) for extra in extras or {""})
        )
    return {name for name, _ in found}


def test_it_runs_with_nothing_but_what_it_asks_for() -> None:
    ours = brought_along()
    absent = [
        module
        for module, distributions in packages_distributions().items()
        if not ours & {canonicalize_name(one) for one in distributions}
    ]
    assert "pytest" in absent
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT, *absent], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def test_what_is_asked_for_was_tested_in_a_version_that_is_written_down() -> None:
    lines = (REPOSITORY / "constraints.txt").read_text().splitlines()
    tested = dict(line.split("==") for line in lines if not line.startswith("#"))
    tested = {canonicalize_name(name): version for name, version in tested.items()}
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    wanted = [Requirement(text) for text in project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        wanted += [Requirement(text) for text in extra]
    assert len(wanted) > 20
    for one in wanted:
        assert canonicalize_name(one.name) in tested
        assert one.specifier.contains(tested[canonicalize_name(one.name)]), one.name
