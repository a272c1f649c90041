"""docs/simulation.md holds what a fresh run finds by another seed: the same rows, rates within Monte-Carlo error."""

import math
from pathlib import Path

import pytest
from montecarlo.tables import Rate, Written, written
from simulation import PARTS, SEED, simulate

pytestmark = pytest.mark.slow
DOCUMENT = Path(__file__).parents[2] / "docs" / "simulation.md"
ROUNDING = 0.0006
"""Of a rate as it is printed, and a little for rates of whole runs."""
SIGMAS = 4.5
"""Over some three hundred rates, a chance of one in five hundred for any to be out."""


@pytest.mark.parametrize("part", PARTS)
def test_the_documents_rates_are_found_again_by_another_seed(part: str) -> None:
    documented = written(DOCUMENT.read_text(encoding="utf-8"))
    for table in simulate(part, seed=SEED + 1, scale=0.2):
        rows = documented[table.key]
        assert [(row.method, row.case) for row in rows] == [(rate.method, rate.case) for rate in table.rates]
        assert [each for each in zip(rows, table.rates, strict=True) if not agree(*each)] == []


def agree(row: Written, fresh: Rate) -> bool:
    pooled = (row.share * row.runs + fresh.hits) / (row.runs + fresh.runs)
    error = math.sqrt(pooled * (1.0 - pooled) * (1.0 / row.runs + 1.0 / fresh.runs))
    return abs(row.share - fresh.share) <= SIGMAS * error + ROUNDING + 1.0 / fresh.runs


def test_every_table_of_the_document_is_simulated() -> None:
    keys = {table.key for part in PARTS for table in simulate(part, scale=0.001)}
    assert keys == set(written(DOCUMENT.read_text(encoding="utf-8")))
