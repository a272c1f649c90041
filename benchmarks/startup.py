"""How long a user waits for a cold process, as ratios against importing what it stands on.

    make bench            or            python benchmarks/startup.py [--runs 9]

Needs a published world: it makes the demo world in a temporary folder first, and times that too.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _timing import Paired, paired

GATEWAY = str(Path(sys.executable).with_name("gateway"))
QUESTION = "Did one-page checkout increase conversion?"


def main() -> None:
    """Print one row per command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GATEWAY_HOME"] = str(Path(folder) / "home")
        started = time.perf_counter()
        subprocess.run([GATEWAY, "demo"], check=True, capture_output=True, cwd=folder)
        demo = time.perf_counter() - started
        rows = {
            "gateway --help / import typer": paired(
                [GATEWAY, "--help"], [sys.executable, "-c", "import typer"], runs=runs
            ),
            "gateway ask / import duckdb": paired(
                [GATEWAY, "ask", QUESTION, "--population", "itt"],
                [sys.executable, "-c", "import duckdb"],
                runs=runs,
                cwd=Path(folder),
            ),
        }
    print(f"{'ratio of':34} {'ours s':>8} {'theirs s':>9} {'ratio':>6} {'min':>6} {'max':>6}")
    for name, row in rows.items():
        print(_line(name, row))
    print(f"gateway demo, first run, nothing reused: {demo:.1f} s")


def _line(name: str, row: Paired) -> str:
    return f"{name:34} {row.ours:8.3f} {row.yardstick:9.3f} {row.ratio:6.2f} {row.low:6.2f} {row.high:6.2f}"


if __name__ == "__main__":
    main()
