"""Figures: what one run was like, and two kinds of run side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Figures:
    """One run. `cpu` is in seconds, for each party; latencies are in seconds and sorted."""

    name: str
    done: int
    seconds: float
    latencies: Sequence[float]
    cpu: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Operations per second."""
        return self.done / self.seconds

    def latency(self, share: float) -> float:
        """The latency, in milliseconds, that this share of all operations kept to."""
        if not self.latencies:
            return float("nan")
        at = min(len(self.latencies) - 1, int(share * len(self.latencies)))
        return self.latencies[at] * 1000

    def cost(self, party: str | None = None) -> float:
        """CPU microseconds for each operation, of one party or of all but the load."""
        parties = [party] if party else [one for one in self.cpu if one != "load"]
        return sum(self.cpu.get(one, 0.0) for one in parties) / max(1, self.done) * 1e6

    def __str__(self) -> str:
        """One line of a table."""
        cpu = " ".join(f"{who} {self.cost(who):6.0f}" for who in self.cpu)
        return (
            f"{self.name:<28}{self.rate:9.0f}/s  p50 {self.latency(0.5):7.2f}  "
            f"p99 {self.latency(0.99):7.2f}  max {self.latency(1.0):7.2f} ms   CPU us: {cpu}"
        )


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """The median, and from where to where."""
    return f"{median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def ratios(ours: Sequence[Figures], limit: Sequence[Figures]) -> list[float]:
    """Our rate in units of the limit's, pair by pair."""
    return [
        one.rate / other.rate if other.done else float("nan")
        for one, other in zip(ours, limit, strict=True)
    ]
