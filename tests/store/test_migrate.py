"""The steps that bring a database to its form, wherever the address says it is."""

from nowserving.store.engines import open_engine
from nowserving.store.form import is_current
from nowserving.store.migrate import migrate
from tests.rig.postgres import Postgres


async def test_an_address_means_the_same_for_the_steps_as_for_the_engine(
    postgres: Postgres,
) -> None:
    url = await postgres.create_database("addresses")
    wordy = url.replace("postgresql://", "postgres://") + "?sslmode=disable"
    assert not await is_current(wordy)
    await migrate(wordy)
    assert await is_current(wordy)
    await (await open_engine(wordy)).close()
    await postgres.drop_database("addresses")
