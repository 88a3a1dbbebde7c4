"""kill -9 of servers under load: nothing answered is lost, everything is told, nothing twice."""

from pathlib import Path

from tests.faults.campaign import Campaign
from tests.faults.conftest import NewTown
from tests.rig.receiver import Receiver

KILLS = 20
"""For more: python -m tests.faults --kills 1000."""


async def test_kill_9_under_load(new_town: NewTown, receiver: Receiver, tmp_path: Path) -> None:
    """On PostgreSQL there are two servers: when one is killed the other one goes on."""
    town = await new_town(2, webhook=receiver.base_url)
    campaign = Campaign(town, receiver)

    await campaign.run(KILLS)
    broken = await campaign.verdict()

    town.history.write(tmp_path / "history.jsonl")
    print(campaign.report())
    assert broken == []
    assert len(campaign.outages) >= KILLS
