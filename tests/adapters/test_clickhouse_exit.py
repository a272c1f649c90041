"""The engine in the process is stopped before the process exits."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import clickhouse

STOPPED = """
import sys
from pathlib import Path
from gateway.adapters.clickhouse_address import Address
from gateway.adapters.clickhouse_engine import ClickHouseEngine
from gateway.errors import EngineTimeout
from tests.adapters.engines import ENDLESS
from tests.adapters.test_clickhouse_failures import statement

def name(task):
    try:
        return (task / "comm").read_text()
    except FileNotFoundError:  # it ended meanwhile
        return ""

def running():
    return sum(name(task).startswith("BgSchPool") for task in Path("/proc/self/task").iterdir())

engine = ClickHouseEngine(Address.parse(f"chdb://{sys.argv[1]}?database=default"))
try:
    engine.run(statement(ENDLESS["clickhouse"], seconds=0.2))
except EngineTimeout:
    print("stopped", running() > 0)
engine.close()
print("closed", running())
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted in /proc")
def test_closing_stops_the_embedded_engine_before_the_process_exits(tmp_path: Path) -> None:
    """One that still runs at exit is torn down under its own threads, and the process hangs now and then."""
    clickhouse.need()
    run = subprocess.run(
        [sys.executable, "-c", STOPPED, str(tmp_path)],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (run.returncode, run.stdout.split("\n")[:2]) == (0, ["stopped True", "closed 0"]), run.stderr
