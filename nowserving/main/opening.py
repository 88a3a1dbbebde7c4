"""Whether the database of the settings is open to us, and if not a line that says why."""

from nowserving.main.settings import BadSettings, Settings
from nowserving.store.engines import open_engine
from nowserving.store.form import is_current


async def must_open(settings: Settings) -> None:
    """BadSettings if the database has another form; Locked or Unavailable if it is closed to us."""
    if not await is_current(settings.database_url):
        raise BadSettings("the database has not this version's form: run nowserving migrate")
    # Whoever is not let in hears it here, in one line, and not from the server's depths.
    await (await open_engine(settings.database_url, connections=1)).close()
