"""What the referee costs: asking the engine's own parser about an approved statement, against the check before it.

    python benchmarks/referee.py [--statements 300] [--rounds 5]

Both are of one thread, in one process, taken in turn over distinct texts. The published file holds the tests' small
world; the referee parses and never binds, so what is in the file does not matter.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the world of the guard's tests lives in tests/

from guard import QUERY

from gateway.adapters.duckdb_engine import DuckDBEngine
from gateway.guard import Approved, check
from gateway.guard.referee import disagreement
from tests.guard import world


def approved(sql: str) -> Approved:
    """The verdict on a statement that is approved."""
    verdict = check(sql, world.ANALYST)
    assert isinstance(verdict, Approved), verdict.violations
    return verdict


def texts(count: int, turn: int) -> list[str]:
    """The typical query so many times, each time another text."""
    return [QUERY.format(number=turn * count + i) for i in range(count)]


def one_round(engine: DuckDBEngine, statements: list[str]) -> tuple[float, float]:
    """Mean seconds of (check, referee) for each of the statements."""
    started = time.perf_counter()
    verdicts = [approved(sql) for sql in statements]
    checked = time.perf_counter()
    told = [disagreement(verdict, engine.named(verdict)) for verdict in verdicts]
    ended = time.perf_counter()
    assert set(told) == {None}
    return (checked - started) / len(statements), (ended - checked) / len(statements)


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        gold = Path(folder) / "gold.duckdb"
        world.build(gold)
        engine = DuckDBEngine(gold)
        rounds = [one_round(engine, texts(given.statements, i)) for i in range(given.rounds + 1)]
        engine.close()
    checks, referees = zip(*rounds[1:], strict=True)  # the first round warms up
    ratios = [referee / check for check, referee in zip(checks, referees, strict=True)]
    print(f"check, 15-line query           {statistics.median(checks) * 1e3:8.3f} ms")
    print(f"referee on its rendering       {statistics.median(referees) * 1e3:8.3f} ms")
    print(
        f"ratio, median (min to max)     {statistics.median(ratios):8.2f}    ({min(ratios):.2f} to {max(ratios):.2f})"
    )


if __name__ == "__main__":
    main()
