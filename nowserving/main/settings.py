"""What an operator can set, from the environment."""

import os
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from nowserving.kit.vault import Vault

PREFIX = "NOWSERVING_"


class BadSettings(Exception):
    """The settings make no sense as they stand; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one server runs. Every field is also an environment variable, `NOWSERVING_...`.

    `key`: the installation's key as text; `key_file` is where it is read from, and made if
    it is missing, when `key` is empty. `base_url`: how the world reaches the server. `files`:
    a folder or s3://BUCKET/FOLDER; `clamd`: host:port or the path of a socket. Webhooks may
    lead to `allowed_networks` and `allowed_ports` besides the world's, and, with
    `allow_http`, unencrypted. `qflow_prefix`: where the Q-Flow door is.
    """

    database_url: str = "sqlite:///nowserving.db"
    key: str = ""
    key_file: str = ""
    base_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    connections: int = 10
    log_level: str = "info"
    log_format: str = "json"
    trusted_proxies: str = ""
    allowed_networks: str = ""
    files: str = ""
    s3_endpoint: str = ""
    s3_region: str = ""
    file_mb: int = 25
    case_files_mb: int = 200
    organization_files_mb: int = 20_480
    clamd: str = ""
    allowed_ports: str = ""
    allow_http: bool = False
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_from: str = ""
    smtp_security: str = "starttls"
    mail_secret: str = ""
    qflow_prefix: str = "/API"
    qflow_basic: bool = True
    qflow_api_key: bool = True
    imap_host: str = ""
    imap_port: int = 993
    imap_user: str = ""
    imap_password: str = ""
    imap_security: str = "tls"
    imap_folder: str = "INBOX"
    imap_done: str = ""
    imap_aside: str = "Set aside"
    imap_organization: str = ""
    imap_seconds: int = 30

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The settings that stand in an environment."""
        given = {
            name: environment[PREFIX + name.upper()]
            for name in cls.__dataclass_fields__
            if PREFIX + name.upper() in environment
        }
        try:
            return cls(**{name: _READ.get(name, str)(text) for name, text in given.items()})  # type: ignore[arg-type]
        except ValueError as wrong:
            raise BadSettings(f"a number, or yes or no, is needed: {wrong}") from None

    def given(self, **options: object) -> Self:
        """The settings, but for the options that are given on the command line: not None."""
        return replace(self, **{n: v for n, v in options.items() if v is not None})  # type: ignore[arg-type]

    def environment(self) -> dict[str, str]:
        """The settings as an environment, for the processes a server starts."""
        return {
            PREFIX + name.upper(): str(getattr(self, name)) for name in self.__dataclass_fields__
        }

    def check(self) -> Self:
        """The settings, if they make sense together."""
        if self.workers > 1 and self.database_url.startswith("sqlite"):
            raise BadSettings(
                "several workers need PostgreSQL: one SQLite file is served by one process"
            )
        if not self.database_url.startswith(("sqlite:///", "postgresql://", "postgres://")):
            raise BadSettings("the database must be sqlite:///FILE or postgresql://USER@HOST/NAME")
        if self.base_url.endswith("/") or "://" not in self.base_url:
            raise BadSettings("the base URL must look like https://line.example, without a /")
        if not re.fullmatch(r"(/[A-Za-z0-9._-]+)+", self.qflow_prefix):
            raise BadSettings("NOWSERVING_QFLOW_PREFIX must look like /API, without a / behind")
        if self.smtp_security not in ("starttls", "tls", "none"):
            raise BadSettings("NOWSERVING_SMTP_SECURITY is starttls, tls or none")
        if self.smtp_host and "@" not in self.smtp_from:
            raise BadSettings("NOWSERVING_SMTP_FROM: mail needs an address that it comes from")
        if self.imap_security not in ("starttls", "tls", "none"):
            raise BadSettings("NOWSERVING_IMAP_SECURITY is starttls, tls or none")
        if self.imap_host and not (self.imap_user and self.imap_organization):
            raise BadSettings(
                "NOWSERVING_IMAP_USER and _ORGANIZATION: whose mailbox it is, and for whom"
            )
        if self.imap_seconds < 1:
            raise BadSettings("NOWSERVING_IMAP_SECONDS: at least one second between two looks")
        return self

    def vault(self) -> Vault:
        """The installation's key; made and kept with mode 600 if there is none yet."""
        if self.key:
            return Vault.from_text(self.key)
        path = Path(self.key_file or f"{self._database_file()}.key")
        if not path.exists():
            if not self.key_file and not self.database_url.startswith("sqlite"):
                raise BadSettings(
                    "set NOWSERVING_KEY or NOWSERVING_KEY_FILE: with PostgreSQL all processes "
                    "must share one key (make one with: nowserving key)"
                )
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_new(path, new_key())
        return Vault.from_text(path.read_text())

    def _database_file(self) -> str:
        return self.database_url.removeprefix("sqlite:///")


def _yes(text: str) -> bool:
    if text.lower() not in ("1", "true", "yes", "0", "false", "no", ""):
        raise ValueError(text)
    return text.lower() in ("1", "true", "yes")


_READ: Mapping[str, Callable[[str], object]] = {
    "port": int,
    "workers": int,
    "connections": int,
    "file_mb": int,
    "case_files_mb": int,
    "organization_files_mb": int,
    "smtp_port": int,
    "imap_port": int,
    "imap_seconds": int,
    "allow_http": _yes,
    "qflow_basic": _yes,
    "qflow_api_key": _yes,
}


def new_key() -> str:
    """A new key, as text."""
    return urlsafe_b64encode(os.urandom(32)).decode()


def _write_new(path: Path, text: str) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")
