"""The benches run, and what they leave behind keeps all rules. No timing is looked at."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_little_of_every_bench_runs_and_breaks_no_rule() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "quick", "--seconds", "0.2"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("none lost") == 4
    assert "each refused or taken as it should be" in done.stdout
