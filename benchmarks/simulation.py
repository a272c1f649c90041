"""Does the kernel keep its promises? Seeded simulations, printed as tables and written into docs/simulation.md.

    make simulate      or      python benchmarks/simulation.py [--only PART …] [--scale 0.1] [--seed N] [--write]

Coverage of every interval, false positives of fixed and always-valid verdicts, SRM alarms, power against plan, families
of tests, and the verdicts of the marts. Each part has a random stream of its own, so that a part run alone gives the
numbers that it gives among the others.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from montecarlo.adjusted import adjusted
from montecarlo.corrected import families
from montecarlo.coverage import chances, intervals, posteriors
from montecarlo.peeking import looks, sequences
from montecarlo.planned import powers
from montecarlo.resampled import bootstraps, quantiles, ranks
from montecarlo.splits import splits
from montecarlo.tables import Table, replace_tables
from montecarlo.verdicts import verdicts

SEED = 20260201
DOCUMENT = Path(__file__).parents[1] / "docs" / "simulation.md"


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of simulation and how many runs its tables rest on."""

    simulate: Callable[[np.random.Generator, int], list[Table]]
    runs: int


PARTS = {
    "intervals": Part(intervals, 20_000),
    "posteriors": Part(posteriors, 200_000),
    "chances": Part(chances, 200_000),
    "adjusted": Part(adjusted, 10_000),
    "quantiles": Part(quantiles, 2_000),
    "bootstraps": Part(bootstraps, 1_000),
    "ranks": Part(ranks, 5_000),
    "looks": Part(looks, 20_000),
    "sequences": Part(sequences, 10_000),
    "splits": Part(splits, 20_000),
    "powers": Part(powers, 20_000),
    "families": Part(families, 20_000),
    "verdicts": Part(verdicts, 4_000),
}


def simulate(part: str, *, seed: int = SEED, scale: float = 1.0) -> list[Table]:
    """One part's tables, from its own stream of the seed."""
    rng = np.random.default_rng([seed, list(PARTS).index(part)])
    return PARTS[part].simulate(rng, max(100, int(PARTS[part].runs * scale)))


def main() -> None:
    """Print every table; write them where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--scale", type=float, default=1.0, help="runs over the usual number")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--write", nargs="?", type=Path, const=DOCUMENT, help="replace the tables of this document")
    given = parser.parse_args()
    tables: list[Table] = []
    for part in given.only or PARTS:
        started = time.perf_counter()
        found = simulate(part, seed=given.seed, scale=given.scale)
        for table in found:
            print(f"\n{table.key}\n", *table.lines(), sep="\n")
        print(f"{part}: {time.perf_counter() - started:.1f} s", file=sys.stderr)
        tables += found
    if given.write:
        given.write.write_text(replace_tables(given.write.read_text(encoding="utf-8"), tables), encoding="utf-8")
        print(f"wrote {len(tables)} tables to {given.write}", file=sys.stderr)


if __name__ == "__main__":
    main()
