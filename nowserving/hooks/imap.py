"""A mailbox on the operator's IMAP server (RFC 9051), as far as fetching answers needs it.

It blocks, so it is used from a thread. What the server does not take or say raises ImapFailed,
whose text holds nothing secret and nothing of any mail.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self

TIMEOUT = 20.0
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class ImapFailed(Exception):
    """The server could not be asked, or refused; try again later."""


@dataclass(frozen=True, slots=True)
class ImapServer:
    """Where mail comes in. `security`: tls, starttls or none.

    `done`: the folder to which mail is moved that was taken in; empty: it is marked as seen.
    `aside`: the folder for mail that cannot be taken in.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    security: str = "tls"
    folder: str = "INBOX"
    done: str = ""
    aside: str = "Set aside"

    @property
    def name(self) -> str:
        """Names the mailbox among those of all servers."""
        return f"{self.user}@{self.host}:{self.port}/{self.folder}"


class ImapBox:
    """An open mailbox. Close it, whatever happens."""

    def __init__(self, session: imaplib.IMAP4, server: ImapServer) -> None:
        self._session = session
        self._server = server

    @classmethod
    def open(cls, server: ImapServer, tls: ssl.SSLContext | None = None) -> Self:
        """Sign in and open the folder."""
        with _failing("sign in"):
            session = _connected(server, tls or ssl.create_default_context())
            try:
                _sign_in(session, server)
                _check(session.select(_quoted(server.folder)))
            except BaseException:
                with suppress(imaplib.IMAP4.error, OSError):
                    session.shutdown()
                raise
        return cls(session, server)

    def close(self) -> None:
        """Sign out; the mail stays as it is."""
        with suppress(imaplib.IMAP4.error, OSError):
            self._session.logout()

    def waiting(self) -> list[int]:
        """The mail that nobody has seen, the oldest first, each by its number (UID)."""
        with _failing("search"):
            found = _check(self._session.uid("SEARCH", "UNSEEN", "UNDELETED"))
        return sorted(int(uid) for uid in (found[0] or b"").split())

    def size(self, uid: int) -> int:
        """The bytes of a mail; 0 if it is gone."""
        with _failing("fetch"):
            said = _check(self._session.uid("FETCH", str(uid), "(RFC822.SIZE)"))
        found = _SIZE.search(b" ".join(part for part in said if isinstance(part, bytes)))
        return int(found[1]) if found else 0

    def fetch(self, uid: int) -> bytes:
        """A mail as it came, left unseen; nothing if it is gone."""
        with _failing("fetch"):
            said = _check(self._session.uid("FETCH", str(uid), "(BODY.PEEK[])"))
        return next((bytes(part[1]) for part in said if isinstance(part, tuple)), b"")

    def mark_done(self, uid: int) -> None:
        """Have a mail wait no more."""
        with _failing("mark"):
            if self._server.done:
                self._move(uid, self._server.done)
            else:
                self._flag(uid, r"(\Seen)")

    def set_aside(self, uid: int) -> None:
        """Put a mail where somebody can look at it; if it cannot be moved, flag it."""
        with _failing("set aside"):
            try:
                self._move(uid, self._server.aside)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error:
                self._flag(uid, r"(\Seen \Flagged)")

    def _move(self, uid: int, folder: str) -> None:
        self._session.create(_quoted(folder))  # refused where it exists already
        if "MOVE" in self._session.capabilities:
            _check(self._session.uid("MOVE", str(uid), _quoted(folder)))
            return
        _check(self._session.uid("COPY", str(uid), _quoted(folder)))
        self._flag(uid, r"(\Seen \Deleted)")
        if "UIDPLUS" in self._session.capabilities:
            _check(self._session.uid("EXPUNGE", str(uid)))

    def _flag(self, uid: int, flags: str) -> None:
        _check(self._session.uid("STORE", str(uid), "+FLAGS.SILENT", flags))


def _connected(server: ImapServer, tls: ssl.SSLContext) -> imaplib.IMAP4:
    if server.security == "tls":
        return imaplib.IMAP4_SSL(server.host, server.port, ssl_context=tls, timeout=TIMEOUT)
    session = imaplib.IMAP4(server.host, server.port, timeout=TIMEOUT)
    if server.security == "starttls":
        try:
            session.starttls(tls)
        except BaseException:
            session.shutdown()
            raise
    return session


def _sign_in(session: imaplib.IMAP4, server: ImapServer) -> None:
    if "AUTH=PLAIN" in session.capabilities:
        said = f"\0{server.user}\0{server.password}".encode()
        _check(session.authenticate("PLAIN", lambda _: said))
    else:
        _check(session.login(_quoted(server.user), server.password))
    # Whoever has signed in may be offered more.
    session.capabilities = tuple(_words(session))


def _words(session: imaplib.IMAP4) -> Iterator[str]:
    _, said = session.capability()
    for part in said:
        if isinstance(part, bytes):
            yield from part.decode("ascii", "replace").upper().split()


def _check(answer: tuple[str, Any]) -> list[Any]:
    """What the server said, if it said yes."""
    said, parts = answer
    if said != "OK":
        raise imaplib.IMAP4.error(said)
    return list(parts)


def _quoted(text: str) -> str:
    """A name as the protocol writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@contextmanager
def _failing(what: str) -> Iterator[None]:
    try:
        yield
    except (imaplib.IMAP4.error, OSError, ValueError) as failure:
        name = type(failure).__name__
        raise ImapFailed(f"the mail server did not {what}: {name}") from failure
