"""Mail to people, by the operator's own server."""

import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

import aiosmtplib

TIMEOUT = 20.0


class NotSent(Exception):
    """The mail server did not take it; the text says why, and holds nothing secret.

    `for_good`: it would not take it later either.
    """

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. `security`: starttls, tls or none; `sender`: whom it is from."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    security: str = "starttls"


class Mailer:
    """Hands in mail, one at a time."""

    def __init__(self, server: MailServer, *, tls: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._tls = tls

    async def send(self, *, to: str, subject: str, text: str) -> None:
        """Write and hand in one mail; NotSent if it is not taken."""
        server = self._server
        mail = EmailMessage()
        mail["To"], mail["Subject"] = to, subject
        mail["Message-ID"] = make_msgid(domain=server.sender.rpartition("@")[2].strip("> "))
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text)
        await self.hand_in(mail)

    async def hand_in(self, mail: EmailMessage) -> None:
        """Hand in a mail that is written; it is from us and of now. NotSent if not taken."""
        server = self._server
        mail["From"], mail["Date"] = server.sender, formatdate()
        try:
            await aiosmtplib.send(
                mail,
                hostname=server.host,
                port=server.port,
                username=server.user or None,
                password=server.password or None,
                use_tls=server.security == "tls",
                start_tls=server.security == "starttls",
                tls_context=self._tls,
                timeout=TIMEOUT,
            )
        except aiosmtplib.SMTPResponseException as refused:
            for_good = 500 <= refused.code < 600
            raise NotSent(
                f"the mail server answered {refused.code}", for_good=for_good
            ) from refused
        except aiosmtplib.SMTPRecipientsRefused as refused:
            codes = [one.code for one in refused.recipients]
            for_good = all(500 <= code < 600 for code in codes)
            raise NotSent(
                f"the mail server refused the address: {codes}", for_good=for_good
            ) from refused
        except (aiosmtplib.SMTPException, OSError, ValueError) as failure:
            raise NotSent(f"the mail server: {type(failure).__name__}") from failure
