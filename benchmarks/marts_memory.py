"""Peak memory of seeding and building the marts of a large world, each step in a process of its own.

    python benchmarks/marts_memory.py [--events 10000000]

The yardstick beside it is one plain DuckDB pass over the same events: count, sum and sum of squares by unit.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GATEWAY = str(Path(sys.executable).with_name("gateway"))
PLAIN = """
import duckdb, sys
con = duckdb.connect(sys.argv[1], read_only=True)
con.execute("set memory_limit = '2GB'")
rows = con.execute('''select count(*), sum(s), sum(q) from (
    select unit_id, event_name, sum(try_cast(value as double)) s, sum(try_cast(value as double) ** 2) q
    from fct_events group by all)''').fetchall()
print(con.execute("select count(*) from fct_events").fetchone()[0])
"""


def main() -> None:
    """Print one row per step: wall seconds and the peak resident memory of its process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--events-per-user", type=float, default=0.0, help="measured on the default world when 0")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GATEWAY_HOME"] = folder
        warehouse = str(Path(folder) / "warehouse.duckdb")
        plain = [sys.executable, "-c", PLAIN, warehouse]
        per_user = arguments.events_per_user or _events_per_user(plain)
        users = round(arguments.events / per_user)
        print(f"{'step':26} {'seconds':>8} {'peak MB':>8}")
        _step("marts seed", [GATEWAY, "marts", "seed", "--users", str(users)])
        events = _step("plain pass over the events", plain)
        _step("marts build", [GATEWAY, "marts", "build"])
        _step("marts publish", [GATEWAY, "marts", "publish"])
        print(f"{int(events):,} events of {users:,} users")


def _events_per_user(plain: list[str]) -> float:
    subprocess.run([GATEWAY, "marts", "seed", "--users", "20000"], check=True, capture_output=True)
    return int(subprocess.run(plain, check=True, capture_output=True, text=True).stdout) / 20_000


def _step(name: str, command: list[str]) -> str:
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        out = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name} failed with exit code {process.returncode}")
    print(f"{name:26} {time.perf_counter() - started:8.1f} {_megabytes(usage):8.0f}")
    return out.strip()


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)


if __name__ == "__main__":
    main()
