"""PHP and Node, in which our receivers' programs are written: found, and run."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path


class InterpreterMissing(Exception):
    """PHP or Node is not here: install Debian's `php-cli`, `php-curl` and `nodejs`."""

    def __str__(self) -> str:
        return str(self.__doc__)


def find_php() -> str:
    """PHP for the command line, with cURL and OpenSSL."""
    php = find("php")
    said = subprocess.run([php, "-m"], capture_output=True, text=True, check=True).stdout
    if not {"curl", "openssl"} <= set(said.lower().split()):
        raise InterpreterMissing
    return php


def find_node() -> str:
    """Node."""
    return find("node")


def find(name: str) -> str:
    """A program on the path."""
    found = shutil.which(name)
    if found is None:
        raise InterpreterMissing
    return found


@asynccontextmanager
async def served_by_php(script: Path, environment: Mapping[str, str]) -> AsyncIterator[str]:
    """A script that answers every request to a port of its own; its address."""
    server = await asyncio.create_subprocess_exec(
        find_php(),
        "-S",
        "127.0.0.1:0",
        str(script),
        env={**os.environ, **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    assert server.stderr is not None
    try:
        yield await _address_said(server.stderr)
    finally:
        if server.returncode is None:
            server.terminate()
        await server.communicate()


async def _address_said(said: asyncio.StreamReader) -> str:
    heard = ""
    while line := (await said.readline()).decode():
        heard += line
        if started := re.search(r"\((http://[^)]+)\) started", line):
            return started[1]
    raise AssertionError(f"PHP did not start: {heard}")
