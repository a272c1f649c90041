"""Repeated options of the form NAME=VALUE, read into what the importers take. Every mistake says what to write."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from gateway.errors import UsageError

if TYPE_CHECKING:
    from gateway.marts.importing import MetricSpec


def pairs_of(texts: Sequence[str] | None, option: str) -> dict[str, str]:
    """NAME=VALUE, each name once. The last equals sign divides: a name may hold one."""
    pairs: dict[str, str] = {}
    for text in texts or ():
        name, equals, value = (part.strip() for part in text.rpartition("="))
        if not (name and equals and value):
            raise UsageError(f"{option} {text!r} is not NAME=VALUE", hint=f"write {option} name=value")
        if name in pairs:
            raise UsageError(f"{option} gives {name!r} twice")
        pairs[name] = value
    return pairs


def shares_of(texts: Sequence[str] | None) -> dict[str, float] | None:
    """Planned shares by arm; None where none were given."""
    return {arm: number_of(share, f"--share {arm}") for arm, share in pairs_of(texts, "--share").items()} or None


def covariates_of(texts: Sequence[str] | None) -> str | dict[str, str] | None:
    """One column for every metric, or a column by metric."""
    given = list(texts or ())
    if len(given) == 1 and "=" not in given[0]:
        return given[0]
    return pairs_of(given, "--covariate") or None


def metrics_of(
    texts: Sequence[str] | None,
    lower_is_better: Sequence[str] | None,
    guardrails: Sequence[str] | None,
    cuped: Sequence[str] | None = None,
    winsorise: Sequence[str] | None = None,
) -> "list[MetricSpec]":
    """The metrics of an import: which should fall, guard, or be judged by CUPED; and winsorised ones beside."""
    from gateway.marts.importing import parse_metric

    metrics = {metric.name: metric for metric in map(parse_metric, texts or ())}
    if len(metrics) < len(texts or ()):
        raise UsageError("two metrics have the same name", hint="give each --metric a name of its own")
    for name in lower_is_better or ():
        metrics[name] = replace(_known(metrics, name, "--lower-is-better"), desired="decrease")
    for name, margin in pairs_of(guardrails, "--guardrail").items():
        known = _known(metrics, name, "--guardrail")
        share = number_of(margin, f"--guardrail {name}")
        if not 0 < share < math.inf:
            raise UsageError(
                f"--guardrail {name} is {margin}, and a margin is above 0", hint="write 0.05 for 5 % of control"
            )
        metrics[name] = replace(known, role="guardrail", noninferiority_margin=share)
    for name in cuped or ():
        metrics[name] = replace(_known(metrics, name, "--cuped"), cuped=True)
    for name, at in pairs_of(winsorise, "--winsorise").items():
        level = number_of(at, f"--winsorise {name}")
        if not 0 < level < math.inf:
            hint = "write 0.99 for a quantile, or the value itself"
            raise UsageError(f"--winsorise {name} is {at}, and a cap is above 0", hint=hint)
        capped = _known(metrics, name, "--winsorise").winsorised(level)
        metrics[capped.name] = capped
    return list(metrics.values())


def aggregations_of(texts: Sequence[str] | None) -> dict[str, str]:
    """NAME:aggregation of sufficient statistics, NAME as the file's metric column has it."""
    aggregations: dict[str, str] = {}
    for text in texts or ():
        name, colon, aggregation = (part.strip() for part in text.rpartition(":"))
        if not (name and colon and aggregation):
            raise UsageError(
                f"--metric {text!r} is not NAME:aggregation", hint="with --aggregate write --metric 1:mean"
            )
        aggregations[name] = aggregation
    return aggregations


def number_of(text: str, option: str) -> float:
    """A number, or what else stands there."""
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{option} is {text!r}, not a number", hint="write a share such as 0.5") from None


def day_of(text: str | None, option: str) -> date | None:
    """A day as ISO 8601 writes it."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"{option} is {text!r}, not a day", hint="write it as YYYY-MM-DD") from None


def _known(metrics: "dict[str, MetricSpec]", name: str, option: str) -> "MetricSpec":
    if name not in metrics:
        raise UsageError(f"{option} names {name!r}, which no --metric does", hint=f"there is {', '.join(metrics)}")
    return metrics[name]
