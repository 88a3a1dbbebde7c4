"""How much of its time a thread has left."""

import time
from pathlib import Path

import pytest

from nowserving.kit.busy import Idleness, seconds_used


def test_whoever_does_nothing_is_idle() -> None:
    used, at = [5.0], [100.0]
    idleness = Idleness(lambda: used[0], clock=lambda: at[0])
    at[0] += 0.125
    assert idleness.since(0.25) is None
    at[0] += 0.125
    assert idleness.since(0.25) == 1.0
    assert idleness.since(0.25) is None


def test_what_was_used_since_the_last_look_counts() -> None:
    used, at = [5.0], [100.0]
    idleness = Idleness(lambda: used[0], clock=lambda: at[0])
    at[0], used[0] = 104.0, 8.0
    assert idleness.since(0.2) == pytest.approx(0.25)
    at[0], used[0] = 106.0, 9.0
    assert idleness.since(0.2) == pytest.approx(0.5)
    at[0], used[0] = 107.0, 11.0  # the two clocks need not agree
    assert idleness.since(0.2) == 0.0


def test_work_is_used_time_and_sleep_is_not() -> None:
    began, before = time.monotonic(), seconds_used()
    worked = time.thread_time() + 0.05
    while time.thread_time() < worked:
        pass
    after = seconds_used()
    assert after - before >= 0.045
    time.sleep(0.2)
    idle = time.monotonic() - began - (seconds_used() - before)
    assert idle >= 0.15


@pytest.mark.parametrize("said", [None, "0 0 0\n", "nothing to be said\n"])
def test_systems_that_do_not_say_who_waited(
    said: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedstat = tmp_path / "schedstat"
    if said is not None:
        schedstat.write_text(said)
    monkeypatch.setattr("nowserving.kit.busy._SCHEDULED", schedstat)
    before = time.thread_time()
    assert before <= seconds_used() <= time.thread_time()
