"""The server: doors outside, the house inside, what listens beside it."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from types import FrameType
from typing import Any

import structlog
from litestar import Litestar, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from nowserving.actions.doorway import Doorway, problem_of
from nowserving.actions.house import House
from nowserving.actions.sign_in import Callers
from nowserving.dialects.qflow.prefix import AnyCase, Terms
from nowserving.kit import failpoints
from nowserving.kit.collector import spare_what_stands
from nowserving.kit.crowd import Crowd
from nowserving.kit.http import BODY_AT_MOST, AnyRequest, status_of
from nowserving.kit.problems import Problem
from nowserving.main.doors import DOORS
from nowserving.main.filing import filing_of
from nowserving.main.knocking import socket_of
from nowserving.main.listeners import Listeners
from nowserving.main.settings import BadSettings, Settings
from nowserving.main.side_door import SideDoor
from nowserving.main.watching import Watching, healthz, metrics, readyz, set_up_logs
from nowserving.main.webhooks import obey
from nowserving.store.engines import open_engine
from nowserving.store.form import is_current
from nowserving.web.pages import sorry

_log = structlog.get_logger("nowserving")


def create_worker() -> Watching:
    """The application of a process that does nothing else, by the environment's settings.

    What stands by then stays for good. The collector of cycles need not go through it every
    time, which would stop all requests for a tenth of a second.
    """
    app = create_app()
    spare_what_stands()
    return app


def create_app(
    settings: Settings | None = None, *, house: House | None = None, doors: Litestar | None = None
) -> Watching:
    """The application for an ASGI server.

    Settings come from the environment if not given, and open the house if none is given. Doors
    from `hang_doors` can be used again when the house that stood behind them is closed.
    """
    failpoints.arm()
    settings = (settings or Settings.read()).check()
    set_up_logs(settings.log_level, settings.log_format)

    crowd = Crowd()

    @asynccontextmanager
    async def behind(state: State) -> AsyncIterator[None]:
        async with (
            _house(settings) if house is None else nullcontext(house) as opened,
            _open(opened, settings, state, crowd),
        ):
            yield

    app = hang_doors() if doors is None else doors
    terms = Terms(settings.qflow_prefix, settings.qflow_basic, settings.qflow_api_key)
    app.state = State({"behind": behind, "qflow": terms})
    return Watching(app, crowd)


def hang_doors() -> Litestar:
    """All doors, with nothing behind them yet. Takes the framework half a second."""
    app = Litestar(
        route_handlers=[healthz, readyz, metrics, *DOORS],
        lifespan=[_behind],
        exception_handlers={Problem: _refuse, HTTPException: _refuse, Exception: _refuse},
        request_max_body_size=BODY_AT_MOST,
        openapi_config=None,
        logging_config=None,
    )
    app.asgi_handler = AnyCase(app.asgi_handler)
    return app


@asynccontextmanager
async def _behind(app: Litestar) -> AsyncIterator[None]:
    """What `create_app` has put behind the doors."""
    async with app.state.behind(app.state):
        yield


def _before_stopping(do: Callable[[], None]) -> None:
    """Do something when the process is told to stop, before open answers are waited for.

    A live page's stream never ends by itself; the server would wait for it to the last.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        usual = signal.getsignal(number)
        if not callable(usual) or threading.current_thread() is not threading.main_thread():
            continue

        def stop(number: int, frame: FrameType | None, usual: Any = usual) -> None:
            loop.call_soon_threadsafe(do)
            usual(number, frame)

        signal.signal(number, stop)


@asynccontextmanager
async def _house(settings: Settings) -> AsyncIterator[House]:
    """A house on the database of the settings; BadSettings if it has not the right form."""
    if not await is_current(settings.database_url):
        raise BadSettings("the database has not this version's form: run nowserving migrate")
    engine = await open_engine(settings.database_url, connections=settings.connections)
    try:
        yield House(engine, settings.vault())
    finally:
        await engine.close()


@asynccontextmanager
async def _open(
    house: House, settings: Settings, state: State, crowd: Crowd
) -> AsyncIterator[None]:
    """Put the house behind the doors, and start what listens; the other way round at the end."""
    state.doorway = Doorway(house, Callers(house), settings.base_url)
    house.filing = filing_of(settings)
    state.mail_secret = settings.mail_secret
    state.migrated = lambda: is_current(settings.database_url)
    async with Listeners(house, settings, crowd) as listeners, _side_door(house, settings):
        state.live = listeners.live
        state.end_streams = listeners.end_streams
        _before_stopping(listeners.end_streams)
        _log.info("ready", base_url=settings.base_url, engine=house.engine.dialect)
        yield
        _log.info("stopping")


def _side_door(house: House, settings: Settings) -> AbstractAsyncContextManager[Any]:
    """Where the operator's commands come in while nobody else can open the database."""
    path = socket_of(settings.database_url)
    return nullcontext() if path is None else SideDoor(house, path, obey)


def _refuse(request: AnyRequest, failure: Exception) -> Response[Any]:
    """What no door has an own word for: a page for people, a problem for programs.

    Of a bug nothing is told.
    """
    if "text/html" in request.headers.get("accept", ""):
        return sorry(request, failure)
    problem = problem_of(failure)
    status = 500 if problem is None else status_of(problem)
    title = "Something went wrong on our side." if problem is None else problem.message()
    return Response(
        {"title": title, "type": "bug" if problem is None else problem.name(), "status": status},
        status_code=status,
        headers={"Retry-After": "2"} if status == 503 else {},
        media_type="application/problem+json",
    )
