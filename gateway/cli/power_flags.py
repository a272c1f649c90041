"""What is typed behind `gateway power`, read as a plan's arguments: percentages, splits, thousands and points."""

import math
from collections.abc import Mapping
from typing import Any, Final

from gateway.errors import UsageError

_TIMES: Final = {"k": 1e3, "m": 1e6, "b": 1e9}
_POST_HOC: Final = frozenset(("observed", "measured", "actual", "found", "posthoc", "post-hoc"))


def number(text: str, flag: str, example: str = "30000") -> float:
    """A plain number; thousands may be set apart by commas or underscores, or written 30k, 1.5m."""
    plain = text.strip().replace(",", "").replace("_", "").casefold()
    times = _TIMES.get(plain[-1:], 1.0)
    try:
        value = float(plain[:-1] if times != 1.0 else plain) * times
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"{flag} takes a number, not {text!r}", hint=f"{flag} {example}")
    return value


def share(text: str, flag: str) -> float:
    """A fraction, written 0.05 or 5%. A bare number from 1 up is refused: it is more often a percentage than 100 times
    as much."""
    said = text.strip()
    if said.endswith("%"):
        return number(said[:-1], flag, "5%") / 100
    value = number(said, flag, "5%")
    if abs(value) >= 1:
        raise UsageError(f"{flag} {text} is {100 * value:,.4g} %", hint=f"{flag} {said}% if {said} percent is meant")
    return value


def between(text: str, flag: str, most: float) -> float:
    """A fraction above zero and below `most`."""
    value = share(text, flag)
    if not 0 < value < most:
        raise UsageError(f"{flag} is above 0 and below {100 * most:g} %, not {text}", hint=f"{flag} 5%")
    return value


def effect(text: str, *, absolute: bool) -> tuple[float, str]:
    """An effect and its scale: 5% or 0.05 is relative, 0.5pp is points of a rate, with `absolute` it is the metric's
    own unit."""
    said = text.strip().casefold()
    if said in _POST_HOC:
        raise UsageError(
            "the power to find an effect that was measured only repeats its p-value: it is not worked out here",
            hint="--mde takes the smallest effect that would matter; --units actual alone shows what a size finds",
        )
    for points in ("pp", "points", "point"):
        if said.endswith(points):
            return number(said.removesuffix(points), "--mde") / 100, "absolute"
    if absolute:
        return (share(said, "--mde") if said.endswith("%") else number(said, "--mde", "0.5")), "absolute"
    return share(said, "--mde"), "relative"


def split(text: str) -> tuple[float, ...]:
    """Shares of the arms, control first: 50/50, 80:20, 1,1,1."""
    parts = text.replace(":", "/").replace(",", "/").split("/")
    shares = tuple(number(part.strip().removesuffix("%"), "--split") for part in parts)
    if len(shares) < 2 or not all(part > 0 for part in shares):
        raise UsageError(
            f"--split takes the share of each arm, control first, not {text!r}", hint="--split 50/50, --split 80/10/10"
        )
    return shares


def pattern(text: str) -> tuple[float, ...]:
    """New units a day: one number, or one for each day of a week or another rhythm, set apart by slashes."""
    parts = text.split("/") if "/" in text else [text]
    return tuple(number(part, "--daily-traffic") for part in parts)


def cuped(text: str) -> float | str:
    """The share of the variance that CUPED removes, the correlation r=0.6 that it comes from, or `measured`."""
    said = text.strip().casefold()
    if said == "measured":
        return said
    if said.startswith("r="):
        return _fraction(number(said[2:], "--cuped r"), "--cuped r") ** 2
    return share(said, "--cuped")


def _fraction(value: float, flag: str) -> float:
    if not -1 < value < 1:
        raise UsageError(f"{flag} is a correlation between -1 and 1, not {value:g}", hint="--cuped r=0.6")
    return value


def units(text: str) -> int | str:
    """Units over all arms, or `actual`."""
    if text.strip().casefold() == "actual":
        return "actual"
    value = number(text, "--units")
    if value < 1 or value != int(value):
        raise UsageError(f"--units takes whole units over all arms, not {text!r}", hint="--units 30000")
    return int(value)


def pair(text: str, flag: str) -> tuple[float, float]:
    """A mean and its standard deviation, set apart by a slash."""
    parts = text.split("/")
    if len(parts) != 2:
        raise UsageError(f"{flag} takes a mean and a standard deviation, not {text!r}", hint=f"{flag} 12.5/30")
    mean, sd = (number(part, flag) for part in parts)
    if not sd > 0:
        raise UsageError(f"{flag}: a standard deviation is above zero, not {sd:g}", hint=f"{flag} 12.5/30")
    return mean, sd


def baseline(flags: Mapping[str, str | None]) -> dict[str, Any]:
    """The baseline that the flags give: a rate, a mean with its spread, a ratio, or an experiment's (then nothing)."""
    given = [name for name in ("rate", "mean", "ratio", "numerator", "experiment") if flags[name] is not None]
    if len(given) > 1:
        said = " and ".join(f"--{name}" for name in given)
        raise UsageError(f"{said} are baselines of different kinds", hint="give one of them")
    for name, partner in (("mean", "sd"), ("ratio", "sd"), ("numerator", "denominator"), ("numerator", "correlation")):
        if flags[name] is not None and flags[partner] is None:
            raise UsageError(f"--{name} needs --{partner} beside it", hint="gateway power --help")
    if not given:
        raise UsageError(
            "a plan needs a baseline: what the metric is without treatment",
            hint="--rate 5%, --mean 12.4 --sd 30, --ratio, or --experiment ID to take it from one that has run",
        )
    if given[0] not in ("mean", "ratio") and flags["sd"] is not None:
        raise UsageError(f"--sd belongs to --mean or --ratio, not to --{given[0]}", hint="leave --sd out")
    match given[0]:
        case "rate":
            return {"aggregation": "occurrence", "baseline": between(str(flags["rate"]), "--rate", 1.0)}
        case "mean" | "ratio" as kind:
            value, sd = number(str(flags[kind]), f"--{kind}"), number(str(flags["sd"]), "--sd")
            if not sd > 0:
                raise UsageError(f"--sd is above zero, not {sd:g}", hint="the standard deviation of one unit's value")
            return {"aggregation": kind, "baseline": value, "sd": sd}
        case "numerator":
            return _ratio(flags)
        case _:
            return {}


def _ratio(flags: Mapping[str, str | None]) -> dict[str, Any]:
    """A ratio's value and the spread of its linearised form, from what is known of its two parts."""
    top, top_sd = pair(str(flags["numerator"]), "--numerator")
    bottom, bottom_sd = pair(str(flags["denominator"]), "--denominator")
    together = number(str(flags["correlation"]), "--correlation")
    if not -1 <= together <= 1:
        raise UsageError(f"--correlation is between -1 and 1, not {together:g}", hint="--correlation 0.8")
    if not bottom:
        raise UsageError("the mean of the denominator is zero, so there is no ratio", hint="--denominator 1.4/2.1")
    from gateway.stats import RatioStats, VariantStats

    numerator = VariantStats.from_moments(2, top, top_sd**2)  # of two units, m2 is the variance
    denominator = VariantStats.from_moments(2, bottom, bottom_sd**2)
    ratio = RatioStats(numerator, denominator, together * top_sd * bottom_sd)
    if not ratio.variance > 0:
        raise UsageError("these parts leave the ratio no variance", hint="a correlation further from one")
    return {"aggregation": "ratio", "baseline": ratio.mean, "sd": math.sqrt(ratio.variance)}
