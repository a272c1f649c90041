"""The marts of one world built on ClickHouse (in the process) and on DuckDB, each step in a process of its own.

    python benchmarks/clickhouse_marts.py [--events 11500000] [--runs 3]

Steps are run in turn, so that a busy machine is busy for both; `cpu` is the processor time of the step's process, which
a busy machine changes less. Bound: no more than twice DuckDB's time, at the size that it is stated for; of a small
world, starting takes a larger part.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

GATEWAY = str(Path(sys.executable).with_name("gateway"))
BOUND = 2.0
USERS = 20_000
"""Of the world from which the number of events for each user is taken."""
COUNT = "import duckdb, sys; print(*duckdb.connect(sys.argv[1]).execute('select count(*) from fct_events').fetchone())"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a step took."""

    seconds: float
    cpu: float
    """Processor seconds, user and system, of all its threads."""
    megabytes: float
    """Peak resident memory."""


def main() -> int:
    """Print what each step took; 1 where the bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=11_500_000)
    parser.add_argument("--runs", type=int, default=3, help="of each build; the medians are shown")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GATEWAY_HOME"] = folder
        users = round(arguments.events / events_per_user(Path(folder)))
        step({}, "seed", "--users", str(users))
        events = events_in(Path(folder))
        print(f"{events:,} events of {users:,} users; medians of {arguments.runs}")
        print(f"{'step':34} {'seconds':>8} {'cpu':>8} {'peak MB':>8}")
        there = {"GATEWAY_ENGINE": "clickhouse", "GATEWAY_CLICKHOUSE_URL": f"chdb://{folder}/clickhouse"}
        show("load the sources, ClickHouse", [step(there, "load")])
        here, yonder = [], []
        for _ in range(arguments.runs):
            here.append(step({}, "build"))
            yonder.append(step(there, "build"))
        show("build, DuckDB", here)
        show("build, ClickHouse", yonder)
        show("build, ClickHouse, nothing new", [step(there, "build", "--incremental")])
        show("check and publish, DuckDB", [step({}, "publish")])
        show("check and publish, ClickHouse", [step(there, "publish")])
    return verdict(here, yonder)


def verdict(here: list[Cost], yonder: list[Cost]) -> int:
    """The ratio pair by pair, and whether its median keeps the bound."""
    wall = [there.seconds / one.seconds for there, one in zip(yonder, here, strict=True)]
    cpu = [there.cpu / one.cpu for there, one in zip(yonder, here, strict=True)]
    ratio = statistics.median(wall)
    print(f"ClickHouse / DuckDB: {ratio:.2f} ({min(wall):.2f} to {max(wall):.2f}), cpu {statistics.median(cpu):.2f}")
    print(f"bound {BOUND:.1f}: {'kept' if ratio <= BOUND else 'BROKEN'}")
    return 0 if ratio <= BOUND else 1


def events_per_user(folder: Path) -> float:
    """Measured on a small world, which the next seed replaces."""
    step({}, "seed", "--users", str(USERS))
    return events_in(folder) / USERS


def events_in(folder: Path) -> int:
    """Rows of fct_events."""
    command = [sys.executable, "-c", COUNT, str(folder / "warehouse.duckdb")]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def step(environment: dict[str, str], *command: str) -> Cost:
    """One `gateway marts` command."""
    started = time.perf_counter()
    with subprocess.Popen(
        [GATEWAY, "--quiet", "marts", *command], stdout=subprocess.DEVNULL, env={**os.environ, **environment}
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"gateway marts {' '.join(command)} failed with exit code {process.returncode}")
    return Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, megabytes(usage))


def show(name: str, costs: list[Cost]) -> None:
    """One line of the table."""
    seconds, cpu = (statistics.median(getattr(cost, part) for cost in costs) for part in ("seconds", "cpu"))
    print(f"{name:34} {seconds:8.1f} {cpu:8.1f} {max(cost.megabytes for cost in costs):8.0f}", flush=True)


def megabytes(usage: resource.struct_rusage) -> float:
    """Linux counts in kilobytes, macOS in bytes."""
    return usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)


if __name__ == "__main__":
    sys.exit(main())
