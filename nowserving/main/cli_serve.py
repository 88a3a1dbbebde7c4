"""`nowserving serve`: the server, until it is told to stop."""

import asyncio
import os
import resource
import tempfile
from dataclasses import replace

import click
import uvicorn

from nowserving.main.opening import must_open
from nowserving.main.ports import must_be_free
from nowserving.main.settings import Settings

GRACE = 15
"""Seconds that a stopping server gives to what is under way."""


@click.command()
@click.option("--database", metavar="URL", help="sqlite:///FILE or postgresql://USER@HOST/NAME")
@click.option("--host", help="The address to listen on; 127.0.0.1 if not given.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port; 8000 if not given.")
@click.option("--base-url", metavar="URL", help="How the world reaches this server.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes; several need PostgreSQL.")
def serve(
    database: str | None,
    host: str | None,
    port: int | None,
    base_url: str | None,
    workers: int | None,
) -> None:
    """Serve the office: API, screens and webhooks."""
    settings = Settings.read().given(database_url=database, host=host, port=port, workers=workers)
    if base_url or "NOWSERVING_BASE_URL" not in os.environ:
        base_url = (base_url or f"http://{_named(settings.host)}:{settings.port}").rstrip("/")
        settings = replace(settings, base_url=base_url)
    run_server(settings)


def run_server(settings: Settings) -> None:
    """Serve until told to stop."""
    settings.check().vault()
    must_be_free(settings.host, settings.port)
    _allow_many_connections()
    asyncio.run(must_open(settings))
    os.environ.update(settings.environment())
    if settings.workers > 1:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="nowserving-")
    uvicorn.run(
        "nowserving.main.server:create_worker",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=75,
    )


def _allow_many_connections() -> None:
    """Take as many open files as we may: each live page and each delivery holds one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _named(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
