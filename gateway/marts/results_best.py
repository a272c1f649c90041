"""Which of several arms is best: for every comparison of two or more treatments with one control.

By the arms' plain values, with flat priors: a CUPED estimate belongs to a pair of arms and has no place among several.
"""

from collections import defaultdict
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from gateway.stats import ComparisonColumns, best_columns
from gateway.stats.arms import estimate

BEST_COLUMNS: Final = MappingProxyType(
    {
        "chance_to_be_best": (0, "chance"),
        "expected_loss": (0, "loss"),
        "control_chance_to_be_best": (1, "chance"),
        "control_expected_loss": (1, "loss"),
    }
)
"""Column to whose it is (0 the row's treatment, 1 the control) and what."""


def best(compared: ComparisonColumns, comparisons: Sequence[Any], arms: Any, lower_is_better: Any) -> dict[str, Any]:
    """The columns of BEST_COLUMNS, row by row.

    `comparisons` says which rows belong to one comparison, `arms` how many arms its experiment has, control included.
    NaN with a single treatment, and where an arm is missing or has no answer: a chance among some would mislead.
    """
    rows_of: dict[Any, list[int]] = defaultdict(list)
    for i, comparison in enumerate(comparisons):
        rows_of[comparison].append(i)
    whole = [rows for rows in rows_of.values() if len(rows) > 1 and arms[rows[0]] == len(rows) + 1]
    answered = np.array([reason is None for reason in compared.reason.tolist()], dtype=np.bool_)
    groups = [rows for rows in whole if answered[rows].all()]
    found = {name: np.full(len(compared), np.nan) for name in BEST_COLUMNS}
    if not groups:
        return found
    control, treatment = (estimate(side, compared.aggregation) for side in (compared.control, compared.treatment))
    widest = max(map(len, groups)) + 1
    values, errors = (np.full((len(groups), widest), np.nan) for _ in range(2))
    for g, rows in enumerate(groups):
        for grid, name in ((values, "value"), (errors, "squared_error")):
            grid[g, 0] = getattr(control, name)[rows[0]]
            grid[g, 1 : len(rows) + 1] = getattr(treatment, name)[rows]
    lower = np.asarray(lower_is_better)[[rows[0] for rows in groups]]
    judged = best_columns(values, np.sqrt(errors), lower_is_better=lower)
    figures = {"chance": np.clip(judged.chance_to_be_best, 0.0, 1.0), "loss": np.maximum(judged.expected_loss, 0.0)}
    for name, (side, figure) in BEST_COLUMNS.items():
        for g, rows in enumerate(groups):
            found[name][rows] = figures[figure][g, 0 if side else slice(1, len(rows) + 1)]
    return found
