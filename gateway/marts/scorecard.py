"""From sufficient statistics to the scorecard's summary: pure arithmetic by the kernel, and plain values for JSON.

`build_results_summary` knows no database: it judges what one pass over the events came to. Where something can't be
computed it is null and says why; nothing that is not a finite number gets into the payload.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.marts.scorecard_inference import Inference, infer
from gateway.marts.scorecard_values import ArmTotals, EventTerm, MetricResult, MetricSpec, finite
from gateway.stats import KERNEL_VERSION, Basis, LiftMethod, SrmResult, check_srm
from gateway.stats.result import DEFAULT_LEVEL

__all__ = [
    "METHODS", "ArmTotals", "EventTerm", "Inference", "MetricResult", "MetricSpec", "MetricSummary", "ResultsSummary",
    "build_results_summary",
]  # fmt: skip

METHODS: Final = (LiftMethod.FIELLER, LiftMethod.DELTA)
"""How the lift's interval may be made; delta is the original kernel's arithmetic, its chance to win included."""


@dataclass(frozen=True, slots=True)
class MetricSummary:
    """A metric's arms and what follows from them."""

    metric_id: str
    variants: Mapping[str, ArmTotals]
    inference: Mapping[str, Inference]
    """For every treatment."""

    def payload(self) -> dict[str, Any]:
        """`inference` holds four finite numbers or null, and `not_computable` says why for each that is null."""
        items = self.inference.items()
        return {
            "metric_id": self.metric_id,
            "variants": {arm: totals.payload() for arm, totals in self.variants.items()},
            "inference": {
                arm: _numbers(found, lift="lift", ci_low="ci_low", ci_high="ci_high", chance_to_win="chance_to_win")
                for arm, found in items
            },
            "not_computable": {arm: {"code": each.code, "reason": each.reason} for arm, each in items if each.code},
            "difference": {
                arm: _numbers(
                    found, value="difference", ci_low="difference_low", ci_high="difference_high", p_value="p_value"
                )
                for arm, found in items
            },
            "always_valid": {
                arm: _numbers(
                    found, ci_low="always_valid_low", ci_high="always_valid_high", p_value="always_valid_p_value"
                )
                for arm, found in items
            },
        }


@dataclass(frozen=True, slots=True)
class ResultsSummary:
    """Everything that follows from the statistics of one experiment."""

    control: str | None
    srm: SrmResult
    excluded_units: int
    """Seen in several variations: in no arm."""
    unknown_variations: Mapping[str, int]
    """Units of arms that the experiment does not have: shown and counted, never tested."""
    metrics: tuple[MetricSummary, ...]
    basis: Basis = Basis.FIXED
    """Which interval judges: the always-valid one while the experiment runs."""
    method: LiftMethod = LiftMethod.FIELLER
    level: float = DEFAULT_LEVEL
    kernel_version: str = KERNEL_VERSION

    def payload(self) -> dict[str, Any]:
        """Ready for JSON."""
        srm = self.srm
        return {
            "srm_p_value": None if srm.p_value is None else finite(srm.p_value),
            "excluded_units": self.excluded_units,
            "metrics": [metric.payload() for metric in self.metrics],
            "control": self.control,
            "srm": {
                "status": str(srm.status),
                "reason": srm.reason,
                "observed": dict(srm.observed),
                "expected": {arm: finite(share) for arm, share in srm.expected},
                "unknown_variations": dict(self.unknown_variations),
                "n_holdout": srm.n_holdout,
            },
            "basis": str(self.basis),
            "method": str(self.method),
            "level": self.level,
            "kernel_version": self.kernel_version,
        }


def build_results_summary(
    metrics: Sequence[MetricSpec],
    results: Sequence[MetricResult],
    *,
    control: str | None,
    unit_counts: Mapping[str, int],
    expected_shares: Mapping[str, float | None],
    excluded_units: int = 0,
    running: bool = False,
    method: str = LiftMethod.FIELLER,
) -> ResultsSummary:
    """Judge every treatment by every metric, and the split.

    `results` go with `metrics`, one each, in order. `unit_counts` has every variation that units were seen in;
    `expected_shares` every arm of the experiment: None where the share is not known, 0 for a holdout. Shares need not
    add up to 1. Raises ValueError for results that do not belong to the metrics.
    """
    if [metric.metric_id for metric in metrics] != [result.metric_id for result in results]:
        raise ValueError("the results are not those of the metrics")
    chosen = LiftMethod(method)
    inferred = infer(metrics, results, control, running=running, method=chosen)
    return ResultsSummary(
        control=control,
        srm=_srm(unit_counts, expected_shares),
        excluded_units=excluded_units,
        unknown_variations={arm: n for arm, n in unit_counts.items() if arm not in expected_shares},
        metrics=tuple(
            MetricSummary(
                result.metric_id,
                result.variants,
                {arm: inferred[result.metric_id, arm] for arm in result.variants if arm != control},
            )
            for result in results
        ),
        basis=Basis.ALWAYS_VALID if running else Basis.FIXED,
        method=chosen,
    )


def _srm(unit_counts: Mapping[str, int], shares: Mapping[str, float | None]) -> SrmResult:
    """Against the shares. With one of them unknown nothing is tested; an arm that was to get nothing is held out."""
    known = {arm: unit_counts.get(arm, 0) for arm in shares}
    unknown = {arm: n for arm, n in unit_counts.items() if arm not in shares}
    if any(share is None for share in shares.values()):
        return check_srm(known | unknown, dict.fromkeys(shares, math.nan))
    expected = {arm: float(share) for arm, share in shares.items() if share}
    return check_srm(known | unknown, expected, holdouts=[arm for arm in shares if arm not in expected])


def _numbers(of: Inference, **names: str) -> dict[str, float] | None:
    """Finite numbers under their names in the payload, or null where one is missing."""
    found = {name: getattr(of, attribute) for name, attribute in names.items()}
    return found if all(map(math.isfinite, found.values())) else None
