"""The steps that bring a database to its form, wherever the address says it is."""

from pathlib import Path

import pytest

from nowserving.store.engines import Unavailable, open_engine
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


async def test_to_look_at_a_file_makes_none_and_takes_no_letter_for_a_database(
    tmp_path: Path,
) -> None:
    letter = tmp_path / "letter.txt"
    assert not await is_current(f"sqlite:///{letter}")
    assert not letter.exists()
    letter.write_text("Dear office, " * 100)
    with pytest.raises(Unavailable, match="cannot be read"):
        await is_current(f"sqlite:///{letter}")
