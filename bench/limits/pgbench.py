"""pgbench: the same writes as ours, one transaction each, from the database's own client."""

import asyncio
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.branch import Branch
from bench.cpu import spent_by
from bench.figures import Figures
from bench.rig import Rig

HERE = Path(__file__).parent


class NoLimit(Exception):
    """pgbench has failed; there is nothing to compare with."""


@dataclass(frozen=True, slots=True)
class Pgbench:
    """pgbench with one of our scripts, on a branch in a database of its own."""

    rig: Rig
    branch: Branch
    script: str
    clients: int

    @property
    def there(self) -> bool:
        """Is there a pgbench? Some packages of PostgreSQL come without."""
        return self.rig.server is not None and (self.rig.server.binaries / "pgbench").exists()

    async def run(self, *, warm_up: float, seconds: float) -> Figures:
        """Run it; what it did in its warm-up is not counted."""
        if not self.there:
            return Figures("there is no pgbench", 0, seconds, [])
        logs = self.rig.folder / "pgbench"
        logs.mkdir()
        try:
            begins = time.time() + warm_up
            process = await asyncio.create_subprocess_exec(
                *self._order(logs, warm_up + seconds + 1),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            await asyncio.sleep(begins - time.time())
            before = self._spent(process.pid)
            await asyncio.sleep(begins + seconds - time.time())
            after = self._spent(process.pid)
            said, _ = await process.communicate()
            if process.returncode:
                raise NoLimit(said.decode())
            latencies = _latencies(logs, begins, begins + seconds)
        finally:
            shutil.rmtree(logs)
        cpu = {name: after[name] - before[name] for name in after}
        return Figures(f"pgbench, {self.clients} clients", len(latencies), seconds, latencies, cpu)

    def _order(self, logs: Path, seconds: float) -> list[str]:
        server = self.rig.server
        assert server is not None
        program = server.binaries / "pgbench"
        given = [f"--define={name}={value}" for name, value in self._variables().items()]
        return [
            str(program),
            *("--host", "127.0.0.1", "--port", str(server.port), "--username", "nowserving"),
            *("--no-vacuum", "--protocol", "prepared", "--client", str(self.clients)),
            *("--jobs", str(min(2, self.clients)), "--time", str(round(seconds))),
            *("--log", "--log-prefix", str(logs / "log"), "--file", str(HERE / self.script)),
            *given,
            self.branch.url.rpartition("/")[2],
        ]

    def _variables(self) -> Mapping[str, str]:
        branch = self.branch
        return {
            "organization": str(branch.organization.id),
            "unit": str(branch.unit.id),
            "category": str(branch.services[0].category_id),
            "type": str(branch.kind.id),
            "queue": str(branch.services[0].queue_id),
            "prefix": "c0ffee00-0000-7000-8000-",
            "services": str(len(branch.services)),
            "actor": f"client:{branch.client_id}",
            "fact": "f" * 1180,
            "fingerprint": "0" * 64,
            "body": "b" * 590,
        }

    def _spent(self, pgbench: int) -> dict[str, float]:
        return {"database": spent_by(*self.rig.database_pids), "load": spent_by(pgbench)}


def _latencies(logs: Path, first: float, last: float) -> list[float]:
    """From pgbench's log: client, count, time taken, script, and the end (s and us)."""
    found = []
    for log in logs.iterdir():
        for line in log.read_text().splitlines():
            words = line.split()
            if first <= int(words[4]) + int(words[5]) / 1e6 < last:
                found.append(int(words[2]) / 1e6)
    return sorted(found)
