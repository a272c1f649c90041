"""Sentences about a plan, from its table: what it takes, what it finds, and what it must not be taken for."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.ask.figures import Scale, percent, relative

Row = Mapping[str, Any]
POST_HOC = (
    "This is what the design can find, worked out from its size and its baseline; it is not the power of the effect "
    "that was measured, which would only repeat its p-value."
)


def sentences(rows: Sequence[Row], scale: Scale, metric: str, *, actual: bool) -> list[str]:
    """The row that was asked for, in words; `actual` says that the size is one that an experiment really has."""
    asked = next((row for row in rows if row["row"] == "asked"), None)
    if asked is None:
        return []
    on = f" in {metric}" if metric else ""
    if asked["not_computable"]:
        return [f"There is no plan{on}: {asked['not_computable']}.", *_extra(asked)]
    said = {"units": _takes, "effect": _finds, "power": _powered}[asked["solved_for"]](asked, scale, on)
    return [said, *_extra(asked), *([POST_HOC] if actual else [])]


def _takes(row: Row, scale: Scale, on: str) -> str:
    return (
        f"{_to_find(row, scale, on)} with {percent(row['power'])} power takes {row['units']:,} units{_arms(row)}."
        f"{_time(row)}"
    )


def _finds(row: Row, scale: Scale, on: str) -> str:
    return (
        f"{row['units']:,} units{_arms(row)} find {_effect(row, scale, on)} with {percent(row['power'])} power, "
        f"and smaller effects less often.{_time(row)}"
    )


def _powered(row: Row, scale: Scale, on: str) -> str:
    return f"{row['units']:,} units{_arms(row)} find {_effect(row, scale, on)} {_times(row['power'])}.{_time(row)}"


def _times(power: float) -> str:
    return f"with {percent(power)} power" if power < 0.9995 else "with over 99.9 % power"


def _to_find(row: Row, scale: Scale, on: str) -> str:
    return f"To find {_effect(row, scale, on)}" if row["effect_absolute"] else f"To rule out harm beyond the margin{on}"


def _effect(row: Row, scale: Scale, on: str) -> str:
    """An effect with what it means: the metric from its baseline to where it would be."""
    if not row["effect_absolute"]:
        return f"that there is no harm beyond the margin{on}"
    moved = f"{scale.value(row['baseline'])} to {scale.value(row['treatment_value'])}"
    if row["effect_relative"] is None:
        return f"a difference of {scale.difference(row['effect_absolute'])}{on} ({moved})"
    return f"a relative lift of {relative(row['effect_relative'])}{on} ({moved})"


def _arms(row: Row) -> str:
    control, treatment = row["control_units"], row["treatment_units"]
    if control == treatment:
        return f" ({control:,} per arm)"
    smallest = "treatment" if control + treatment == row["units"] else "the smallest treatment"
    return f" ({control:,} in control, {treatment:,} in {smallest})"


def _time(row: Row) -> str:
    if row["days"] is None:
        return ""
    whole = f"{row['whole_weeks_days']:,} days"
    if row["days"] == row["whole_weeks_days"]:
        return f" That is {whole}, in whole weeks."
    days = f"{row['days']:,} day{'' if row['days'] == 1 else 's'}"
    return f" That is {days}; run it for {whole}, in whole weeks, so that each weekday counts the same."


def _extra(row: Row) -> list[str]:
    """What an adjustment saves and what looking early costs, where the plan has either."""
    units, plain, once = (row[name] for name in ("units", "units_without_cuped", "units_judged_once"))
    notes = []
    if plain and units and plain > units:
        notes.append(f"Without CUPED it would take {plain:,} units.")
    if once and units and units > once:
        notes.append(f"Judged once, at its end, it would take {once:,} units: the rest is the price of looking early.")
    return notes
