"""Sentences about health: the split of units against the plan, exposure rates, and on which day a rate fell."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from gateway.ask.effects import Words
from gateway.ask.figures import p_value, percent
from gateway.ask.phrases import few

_FALL: Final = 0.05
"""A fall of a rate from one day to the next that is worth naming: five points."""
_FOLLOWED: Final = ("exposure_rate", "valid_exposure_rate")
Row = Mapping[str, Any]


def health(rows: Sequence[Row], words: Words) -> list[str]:
    """Every check of one experiment: the sample ratio first, then what needs attention."""
    ratio = [row for row in rows if row["check"] == "sample_ratio"]
    concerns = [row for row in rows if row["status"] in ("attention", "mismatch")]
    unknown = [row for row in rows if row["status"] == "not_computable"]
    broken = [row for row in ratio if row["status"] == "mismatch"]
    lines = [_ratio(row, split(rows, row["population"], words)) for row in (broken or ratio)]
    others = [_check(row) for row in concerns if not str(row["check"]).startswith("sample_ratio")]
    verdict = "Needs attention: " + "; ".join(dict.fromkeys(others)) + "." if others else ""
    if not concerns and not unknown:
        verdict = "Every check passed."
    if unknown:
        verdict += f" Not computable: {', '.join(dict.fromkeys(_name(row) for row in unknown))}."
    return [*lines, *segments(rows), verdict.strip()]


def _ratio(row: Row, counts: str) -> str:
    p = f" ({p_value(float(row['value']))})" if row["value"] is not None else ""
    among = f" in population {row['population']}" if row["population"] else ""
    match row["status"]:
        case "mismatch":
            return f"Sample ratio mismatch{among}{p}: effects of this experiment are not trustworthy. {counts}"
        case "ok":
            return f"No sample ratio mismatch{among}{p}. {counts}"
        case _:
            return f"The sample ratio can't be judged{among}: {str(row['detail']).rstrip('.')}. {counts}"


def split(rows: Sequence[Row], population: Any, words: Words) -> str:
    """Counts per arm against the plan, in words."""
    arms = [row for row in rows if row["check"] == "arm_share" and row["population"] == population]
    if not arms:
        return "The units of its arms are not known."
    total = sum(row["n_units"] for row in arms)
    return f"{total:,} units: {', '.join(_arm(row, words) for row in arms)}."


def _arm(row: Row, words: Words) -> str:
    share = "no share" if row["value"] is None else percent(row["value"])
    planned = "not planned" if row["expected_share"] is None else f"planned {percent(row['expected_share'])}"
    return f"{words.arm(str(row['variation_id']))} {row['n_units']:,} ({share}, {planned})"


def segments(rows: Sequence[Row]) -> list[str]:
    """Segments in which the split is off, by population. Said of every population, also where the total is fine."""
    lines = []
    for whole in (row for row in rows if row["check"] == "sample_ratio_segments" and row["status"] == "mismatch"):
        off = [
            row for row in rows if row["check"] == "sample_ratio_segment" and row["population"] == whole["population"]
        ]
        named = [
            f"{row['dimension']} = {row['dimension_value']} ({p_value(float(row['value']))})"
            for row in sorted(off, key=lambda row: float(row["value"]))
        ]
        lines.append(f"The split is off in segments of population {whole['population']}: {few(named, 4)}.")
    return lines


def _check(row: Row) -> str:
    value = row["value"]
    if value is None:
        return _name(row)
    shown = percent(float(value)) if str(row["check"]).endswith(("_rate", "_share")) else f"{value:,}"
    return f"{_name(row)} {shown}"


def _name(row: Row) -> str:
    return str(row["check"]).replace("_", " ")


def daily(rows: Sequence[Row]) -> list[str]:
    """The largest fall of each exposure rate from one day to the next; the days themselves are in the table."""
    if not rows:
        return ["No daily exposure rates are stored."]
    falls = [fall for name in _FOLLOWED if (fall := _largest_fall(rows, name))]
    if not falls:
        falls = ["No exposure rate fell by 5 percentage points or more from one day to the next."]
    return [*dict.fromkeys(falls), f"{len(rows)} days of exposure rates are in the table."]


def _largest_fall(rows: Sequence[Row], name: str) -> str:
    known = sorted((str(row["date_day"])[:10], float(row[name])) for row in rows if row.get(name) is not None)
    steps = [(before[1] - after[1], before, after) for before, after in pairwise(known)]
    if not steps or max(steps)[0] < _FALL:
        return ""
    _, before, after = max(steps)
    label = name.replace("_", " ")
    return f"The largest fall of the {label} is on {after[0]}: from {percent(before[1])} to {percent(after[1])}."


def ratios(rows: Sequence[Row], words: Words) -> str:
    """The sample ratios of many experiments."""
    broken = [
        words.experiment(str(row["experiment_id"]))
        + (f" ({p_value(float(row['p_value']))})" if row["p_value"] is not None else "")
        for row in rows
        if row["status"] == "mismatch"
    ]
    unknown = [words.experiment(str(row["experiment_id"])) for row in rows if row["status"] not in ("ok", "mismatch")]
    said = (
        f"Sample ratio mismatch in {few(broken)}; their effects are not trustworthy."
        if broken
        else "No sample ratio mismatch where it can be judged."
    )
    return said + (f" Not computable for {few(unknown)}." if unknown else "")


def quality(rows: Sequence[Row], words: Words) -> list[str]:
    """The exposure quality of many experiments."""
    flagged = [
        f"{words.experiment(str(row['experiment_id']))} ({str(row['flags']).replace('_', ' ').replace(',', ', ')})"
        for row in rows
        if row["flags"]
    ]
    said = f"attention needed in {few(flagged, 15)}." if flagged else "no flag on any."
    return [
        f"Exposure quality of {len(rows)} experiments: {said}",
        "Sample ratios are a check of their own: ask which experiments have a mismatch.",
    ]
