"""Servers that die at the worst moments there are: by name, not by chance."""

from pathlib import Path

from nowserving.kit.failpoints import NAMES
from tests.faults.campaign import Campaign
from tests.faults.conftest import NewTown
from tests.rig.receiver import Receiver


async def test_dying_at_each_named_place_loses_nothing(
    new_town: NewTown, receiver: Receiver, tmp_path: Path
) -> None:
    """For more: python -m tests.faults --failpoints 100."""
    town = await new_town(1, webhook=receiver.base_url)
    campaign = Campaign(town, receiver)

    await campaign.run_to(sorted(NAMES))
    broken = await campaign.verdict()

    town.history.write(tmp_path / "history.jsonl")
    assert broken == []
    assert len(campaign.outages) == len(NAMES)
