"""The place for files that the settings name."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from nowserving.actions.filing import FileStore, Filing
from nowserving.cases.attachment import Limits
from nowserving.hooks.files.clamd import Clamd
from nowserving.hooks.files.folder import Folder
from nowserving.main.settings import BadSettings, Settings

MB = 1024 * 1024


def filing_of(settings: Settings) -> Filing | None:
    """How files are kept; None where the database is PostgreSQL and no place was named.

    Processes on several machines must share one place: we do not guess one.
    """
    place = settings.files or _beside(settings)
    if not place:
        return None
    limits = Limits(
        file=settings.file_mb * MB,
        case=settings.case_files_mb * MB,
        organization=settings.organization_files_mb * MB,
    )
    scanner = Clamd(settings.clamd) if settings.clamd else None
    return Filing(_store(place, settings), limits, scanner)


def _beside(settings: Settings) -> str:
    path = settings.database_url.removeprefix("sqlite:///")
    return f"{path}.files" if path != settings.database_url else ""


def _store(place: str, settings: Settings) -> FileStore:
    if not place.startswith("s3://"):
        return Folder(Path(place))
    from obstore.store import S3Store

    from nowserving.hooks.files.bucket import Bucket

    parts = urlsplit(place)
    if not parts.hostname:
        raise BadSettings("NOWSERVING_FILES must look like s3://BUCKET or s3://BUCKET/FOLDER")
    endpoint = settings.s3_endpoint or None
    return Bucket(
        S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            endpoint=endpoint,
            region=settings.s3_region or None,
            client_options={
                "allow_http": bool(endpoint and endpoint.startswith("http://")),
                "connect_timeout": "5s",
                "timeout": "60s",
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
        )
    )
