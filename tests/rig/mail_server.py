"""Dovecot: real mailboxes to fetch mail from, a new one for each test."""

import asyncio
import grp
import imaplib
import os
import pwd
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.rig.postgres import free_port, in_memory

PASSWORD = 'a "secret" with \\ and ü'
BOXES = [f"box{number}@example.org" for number in range(1, 101)]
"""Who is known there."""


class DovecotMissing(Exception):
    """No Dovecot is here: install Debian's `dovecot-imapd`."""

    def __str__(self) -> str:
        return str(self.__doc__)


def find_dovecot() -> str:
    """The server's program."""
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None or not Path("/usr/lib/dovecot/imap").exists():
        raise DovecotMissing
    return found


@dataclass(frozen=True)
class Dovecot:
    """A server that runs, and a mailbox in it."""

    port: int
    user: str

    def session(self) -> imaplib.IMAP4:
        """Signed in; for looking at what is there and putting mail in."""
        session = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        session.authenticate("PLAIN", lambda _: f"\0{self.user}\0{PASSWORD}".encode())
        return session

    def deliver(self, *mails: bytes) -> None:
        """Have mail come."""
        with self.session() as session:
            for mail in mails:
                session.append("INBOX", "", "", mail)

    def count(self, folder: str, wanted: str = "ALL") -> int:
        """How many mails of a kind are in a folder; -1 if there is no such folder."""
        with self.session() as session:
            if session.select(f'"{folder}"', readonly=True)[0] != "OK":
                return -1
            return len(session.search(None, wanted)[1][0].split())


@asynccontextmanager
async def dovecot() -> AsyncIterator[Iterator[Dovecot]]:
    """A server with an empty mailbox for whoever asks for the next, as long as there are any."""
    home = Path(tempfile.mkdtemp(prefix="nowserving-imap-", dir=in_memory()))
    account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    port = free_port()
    (home / "conf").write_text(_configured(home, account, port))
    ids = f"{account.pw_uid}:{account.pw_gid}"
    known = [f"{user}:{{PLAIN}}{PASSWORD}:{ids}\n" for user in BOXES]
    (home / "passwords").write_text("".join(known))
    for path in (home, home / "conf", home / "passwords"):
        os.chown(path, account.pw_uid, account.pw_gid)
    lent = os.getuid() == 0
    server = await asyncio.create_subprocess_exec(
        *(find_dovecot(), "-F", "-c", str(home / "conf")),
        user=account.pw_uid if lent else None,
        group=account.pw_gid if lent else None,
        extra_groups=[] if lent else None,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        await _listening(server, home, port)
        yield (Dovecot(port, user) for user in BOXES)
    finally:
        if server.returncode is None:
            server.terminate()
        await server.communicate()
        shutil.rmtree(home, ignore_errors=True)


async def _listening(server: asyncio.subprocess.Process, home: Path, port: int) -> None:
    while server.returncode is None:
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        await asyncio.sleep(0.02)
    log = home / "log"
    raise AssertionError(log.read_text() if log.exists() else "Dovecot did not start")


def _configured(home: Path, account: pwd.struct_passwd, port: int) -> str:
    group = grp.getgrgid(account.pw_gid).gr_name
    return f"""
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
log_path = {home}/log
ssl = no
disable_plaintext_auth = no
default_internal_user = {account.pw_name}
default_internal_group = {group}
default_login_user = {account.pw_name}
mail_uid = {account.pw_uid}
mail_gid = {account.pw_gid}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{home}/mail/%u
mail_fsync = never
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = {home}/passwords
}}
userdb {{
  driver = static
  args = uid={account.pw_uid} gid={account.pw_gid} home={home}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  # Whoever gives a wrong password would make all others from here wait.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""
