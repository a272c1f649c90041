"""A plan's design in words: these are what went in, and the findings stand in the table."""

import math
from typing import TYPE_CHECKING

from gateway.tools.planning_grid import Task
from gateway.tools.planning_source import Source

if TYPE_CHECKING:
    from gateway.stats import Design


def design_words(design: "Design", task: Task, source: Source | None) -> list[str]:
    """The design in words: these are inputs, and the findings stand in the table."""
    split = "/".join(f"{100 * share:.3g}" for share in design.split)
    sides = "one-sided" if design.one_sided else "two-sided"
    test = f"Non-inferiority with a margin of {100 * design.margin:.4g} %, one-sided" if design.margin else sides
    error = 100 * (1 - design.level) / (2 if design.margin else 1)
    among = f", corrected for {len(design.shares) - 1} treatments" if design.corrected else ""
    judged = "looked at while it runs (always-valid)" if design.sequential else "judged once, at the end"
    words = [f"{test[:1].upper()}{test[1:]} at {error:.3g} %{among}, split {split}, {judged}."]
    if source is not None:
        units = "everyone assigned (itt)" if source.population == "itt" else "validly exposed units (exposed)"
        words.insert(0, f"Baseline: {source.metric_id} of the control of {source.experiment_id}, {units}.")
    if design.variance_reduction:
        words.append(f"CUPED is taken to remove {100 * design.variance_reduction:.3g} % of the variance.")
    if task.daily:
        a_day = math.fsum(task.daily) / len(task.daily)
        window = f" The metric's window adds {task.window_days:g} days." if task.window_days else ""
        words.append(f"Traffic: {a_day:,.0f} new units a day.{window}")
    if source is not None and source.running and task.units != source.units:
        words.append(f"{source.experiment_id} is running, and has {source.units:,} units so far.")
    if source is not None and source.explained and not design.variance_reduction:
        words.append(f"Its pre-period covariate would remove {100 * source.explained:.3g} % of the variance by CUPED.")
    return words
