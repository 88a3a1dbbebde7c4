"""Mail about a case: what is written to the customer, and to which case an answer belongs."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses
from enum import StrEnum
from uuid import UUID

from nowserving.cases.enclosed import Enclosed, enclosed
from nowserving.kit.problems import Problem

ATTEMPTS_AT_MOST = 8
"""So often we try to hand in a mail; with the pauses between, for about a day."""

MAIL_AT_MOST = 35 * 1024 * 1024
"""Bytes of a mail that is taken in: the largest file as mail writes it down, and its text."""

LEASE = timedelta(minutes=5)
"""How long whoever hands in a mail has it for themselves."""

OURS = "X-Nowserving"
"""A header on what we write: whatever comes back with it is our own mail going in a circle."""

NAMELESS = "nameless.invalid"
"""The right side of the id of a mail that has none; the left side is made of its bytes."""

_TOKEN = re.compile(r"\[#(\d{1,15})-([a-z2-7]{10})\]")
_IDS = re.compile(r"<[^<>\s]{3,250}>")


class NobodyToWriteTo(Problem):
    """No e-mail address of the customer is known."""


class LetterState(StrEnum):
    """How a mail to a customer fares; `retrying`: it was refused and is handed in again later."""

    WAITING = "waiting"
    RETRYING = "retrying"
    SENT = "sent"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to a customer, waiting to be handed in (`due_at`), handed in, or given up."""

    organization_id: UUID
    id: UUID
    case_id: UUID
    message_id: str
    at: datetime
    to: str
    cc: str
    subject: str
    text: str
    references: tuple[str, ...] = ()
    due_at: datetime | None = None
    attempts: int = 0
    sent_at: datetime | None = None
    error: str = ""

    @property
    def state(self) -> LetterState:
        """How it fares."""
        if self.sent_at is not None:
            return LetterState.SENT
        if self.due_at is None:
            return LetterState.GIVEN_UP
        return LetterState.RETRYING if self.error else LetterState.WAITING


@dataclass(frozen=True, slots=True)
class Received:
    """A mail that has come, as far as a case needs it."""

    message_id: str
    author: str
    subject: str
    text: str
    answers: tuple[str, ...]
    token: tuple[int, str] | None
    files: tuple[Enclosed, ...] = ()


def subject_with(title: str, number: int, mark: str) -> str:
    """A subject in one line, with what leads an answer back to its case."""
    return f"{' '.join(title.split())[:200]} [#{number}-{mark}]"


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts that failed."""
    return timedelta(minutes=min(2.0**attempts, 480))


def read(raw: bytes) -> Received | None:
    """A mail that somebody wrote; None for what machines write by themselves, and for our own."""
    mail = BytesParser(policy=policy.default).parsebytes(raw)
    assert isinstance(mail, EmailMessage)
    if _automatic(mail):
        return None
    subject = _line(mail, "Subject")
    found = _TOKEN.search(subject)
    ids = _IDS.findall(_line(mail, "In-Reply-To")) + _IDS.findall(_line(mail, "References"))[::-1]
    own = _IDS.findall(_line(mail, "Message-ID"))
    return Received(
        message_id=own[0] if own else f"<{hashlib.sha256(raw).hexdigest()}@{NAMELESS}>",
        author=_author(mail),
        subject=subject,
        text=without_quotes(_text(mail)),
        answers=tuple(dict.fromkeys(ids))[:30],
        token=(int(found[1]), found[2]) if found else None,
        files=tuple(enclosed(mail)),
    )


def without_quotes(text: str) -> str:
    """What somebody wrote, without the mail they answered below it."""
    kept: list[str] = []
    for line in text.splitlines():
        if line.startswith(">") or re.match(r"-{2,}\s*(Original|Ursprüngliche)", line):
            break
        kept.append(line.rstrip())
    while kept and (not kept[-1] or kept[-1].endswith(":")):
        kept.pop()
    return "\n".join(kept).strip()


def _automatic(mail: EmailMessage) -> bool:
    """Did a machine write it? (RFC 3834, and what older ones say)"""
    submitted = _line(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    bulk = _line(mail, "Precedence").strip().lower() in ("bulk", "junk", "list", "auto_reply")
    known = any(name in mail for name in ("List-Id", "X-Autoreply", "X-Autorespond", OURS))
    sender = _line(mail, "From").lower()
    machine = any(name in sender for name in ("mailer-daemon", "postmaster@", "no-reply@"))
    bounced = _line(mail, "Return-Path").strip() == "<>"
    return submitted not in ("", "no") or bulk or known or machine or bounced


def _line(mail: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(mail.get(name, "")).split())
    except (ValueError, IndexError, AttributeError, LookupError):
        return ""  # a header that the standard library cannot read


def _author(mail: EmailMessage) -> str:
    found: Sequence[tuple[str, str]] = getaddresses([_line(mail, "From")])
    name, address = found[0] if found else ("", "")
    return (name or address or "?").replace("\0", "").encode(errors="ignore").decode()[:200]


def _text(mail: EmailMessage) -> str:
    try:
        part = mail.get_body(("plain", "html"))
        said = "" if part is None else str(part.get_content())
    except (KeyError, LookupError, ValueError, AttributeError):
        return ""
    if part is not None and part.get_content_type() == "text/html":
        said = re.sub(r"(?is)<(script|style).*?</\1>|<[^>]*>", " ", said)
    return said.replace("\0", "").encode(errors="ignore").decode()
