"""Effects as the tools tell them: what is stored, what the kernel makes of the stored arms, and what is not there."""

import math
from dataclasses import dataclass, replace
from typing import Any

import pytest

from gateway.answer import Estimate, Evidence
from gateway.errors import ContractError, UsageError
from gateway.guard import Approved
from gateway.ports import Engine, Rows
from gateway.semantic.request import SemanticRequest
from gateway.stats import (
    Adjusted,
    Comparison,
    CovariateColumns,
    CovariateStats,
    NotComputable,
    RatioStats,
    VariantStats,
    adjust,
    compare,
)
from gateway.stats import Estimate as KernelEstimate
from gateway.tools import registry
from gateway.tools.base import ToolContext
from gateway.tools.reading import evidence_of, results
from tests.conftest import Demo

POPULATIONS = ("itt", "exposed")
CUPED = ("revenue_per_user", "free_shipping_threshold")
"""The metric and experiment of the demo world whose definition asks for CUPED."""
SEGMENTED = ("all", "platform", "country", "customer_type")
ARMS = "agg_experiment_metric_by_variant"
ARM_COLUMNS = (
    "experiment_id", "metric_id", "variation_id", "analysis_population", "dimension", "dimension_value",
    "n", "mean", "m2", "denominator_mean", "denominator_m2", "cross_m2",
    "covariate_mean", "covariate_m2", "covariate_cross_m2", "covariate_denominator_cross_m2",
)  # fmt: skip


def stored_arms(ctx: ToolContext, population: str, dimension: str) -> dict[tuple[str, ...], VariantStats | RatioStats]:
    """Every stored arm of a population and dimension, read through the guard like everything else."""
    filters: Any = (("analysis_population", "=", population), ("dimension", "=", dimension))
    found: dict[tuple[str, ...], VariantStats | RatioStats] = {}
    for row in ctx.query(SemanticRequest(ARMS, ARM_COLUMNS, filters)).dicts():
        arm: VariantStats | RatioStats = VariantStats.from_moments(row["n"], row["mean"], row["m2"])
        if row["cross_m2"] is not None:
            denominator = VariantStats.from_moments(row["n"], row["denominator_mean"], row["denominator_m2"])
            arm = RatioStats(VariantStats.from_moments(row["n"], row["mean"], row["m2"]), denominator, row["cross_m2"])
        found[row["experiment_id"], row["metric_id"], row["variation_id"], row["dimension_value"]] = arm
    return found


def stored_covariates(ctx: ToolContext, population: str, dimension: str) -> dict[tuple[str, ...], CovariateStats]:
    """The same arms with their covariates, where they have one."""
    filters: Any = (("analysis_population", "=", population), ("dimension", "=", dimension))
    found: dict[tuple[str, ...], CovariateStats] = {}
    for row in ctx.query(SemanticRequest(ARMS, ARM_COLUMNS, filters)).dicts():
        if row["covariate_mean"] is None:
            continue
        ratio = row["cross_m2"] is not None
        names = ("denominator_mean", "denominator_m2", "cross_m2", "covariate_denominator_cross_m2") if ratio else ()
        columns = CovariateColumns.of(
            *(row[name] for name in ("n", "mean", "m2", "covariate_mean", "covariate_m2", "covariate_cross_m2")),
            **{name: row[name] for name in names},
        )
        found[row["experiment_id"], row["metric_id"], row["variation_id"], row["dimension_value"]] = columns.row(0)
    return found


def adjusted(row: dict[str, Any], arms: dict[tuple[str, ...], CovariateStats], level: float = 0.95) -> Adjusted | None:
    """A stored result once more after CUPED, one pair of arms at a time; None where nothing can be adjusted."""
    key = row["experiment_id"], row["metric_id"]
    control = arms.get((*key, row["control_variation_id"], row["dimension_value"]))
    treatment = arms.get((*key, row["variation_id"], row["dimension_value"]))
    if control is None or treatment is None:
        return None
    found = adjust(control, treatment, aggregation=row["aggregation"], level=level)
    return None if isinstance(found, NotComputable) else found


def told_adjusted(found: Adjusted, *, live: bool) -> tuple[Any, Any, float]:
    """Difference, lift and p-value after CUPED, on one basis."""
    if live:
        return told(found.sequential_difference), told(found.sequential_lift), found.sequential_p_value
    return told(found.difference), told(found.lift), found.p_value


def recomputed(
    row: dict[str, Any], arms: dict[tuple[str, ...], VariantStats | RatioStats], level: float = 0.95
) -> Comparison | NotComputable:
    """A stored result once more, one pair of arms at a time."""
    place = row["dimension_value"]
    return compare(
        arms.get((row["experiment_id"], row["metric_id"], row["control_variation_id"], place)),
        arms[row["experiment_id"], row["metric_id"], row["variation_id"], place],
        aggregation=row["aggregation"],
        desired=row["desired"],
        level=level,
        running=row["experiment_status"] == "running",
    )


def told(found: Estimate | KernelEstimate | NotComputable) -> tuple[float | None, float | None, float | None]:
    """A point and its interval, by the wire's or by the kernel's value of it."""
    return (None, None, None) if isinstance(found, NotComputable) else (found.value, found.ci_low, found.ci_high)


def shown(evidence: Evidence, comparison: Comparison | NotComputable) -> tuple[Any, Any]:
    """(what the evidence says, what the kernel says) of everything that an interval's basis decides."""
    got = (told(evidence.difference), told(evidence.lift), evidence.p_value, evidence.chance_to_win, evidence.statsig)
    if isinstance(comparison, NotComputable):
        nothing = (None, None, None)
        return got, (nothing, nothing, None, None, "insufficient_data")
    judged = comparison.sequential if comparison.basis == "always_valid" else comparison
    wanted = (told(judged.difference), told(judged.lift), judged.p_value, comparison.chance_to_win, comparison.statsig)
    return got, wanted


@pytest.mark.parametrize("dimension", SEGMENTED)
@pytest.mark.parametrize("population", POPULATIONS)
def test_stored_results_are_what_the_kernel_makes_of_the_stored_arms(
    demo: Demo, population: Any, dimension: str
) -> None:
    ctx = demo.context()
    arms = stored_arms(ctx, population, dimension)
    rows = results(ctx, population, dimension=dimension)
    assert len(rows) > 40
    for row in rows:
        if row["estimator"] == "unadjusted":
            got, wanted = shown(evidence_of(row), recomputed(row, arms))
            assert got == wanted, row


@pytest.mark.parametrize("dimension", SEGMENTED)
@pytest.mark.parametrize("population", POPULATIONS)
def test_stored_cuped_results_are_what_the_kernel_makes_of_the_stored_arms(
    demo: Demo, population: Any, dimension: str
) -> None:
    ctx = demo.context()
    arms = stored_covariates(ctx, population, dimension)
    rows = results(ctx, population, dimension=dimension)
    told_of = [(row, found) for row in rows if (found := adjusted(row, arms)) is not None]
    assert len(told_of) > 40
    for row, found in told_of:
        item, live = evidence_of(row), row["basis"] == "always_valid"
        assert item.cuped is not None
        got = told(item.cuped.difference), told(item.cuped.lift), item.cuped.p_value
        assert got == told_adjusted(found, live=live), row
        assert (item.cuped.variance_reduction, item.cuped.covariate_p_value) == (
            found.variance_reduction,
            found.covariate_p_value,
        )
        assert item.cuped.judged is ((row["metric_id"], row["experiment_id"]) == CUPED)
        if item.cuped.judged:
            assert (told(item.difference), told(item.lift), item.p_value) == got


def test_a_metric_whose_definition_asks_for_cuped_is_judged_by_it(demo: Demo) -> None:
    (row,) = results(demo.context(), "itt", experiment_id=CUPED[1], metric_ids=(CUPED[0],))
    item = evidence_of(row)
    assert item.cuped is not None
    assert (item.cuped.judged, item.difference, item.lift) == (True, item.cuped.difference, item.cuped.lift)
    assert (row["uplift_abs"], row["ci_low"]) != (item.difference.value, item.difference.ci_low)
    assert row["p_value_adjusted"] == row["cuped_p_value_two_sided"]
    width = row["cuped_ci_high"] - row["cuped_ci_low"]
    assert 0.93 < width / (row["ci_high"] - row["ci_low"]) < 0.96
    assert row["cuped_variance_reduction"] == pytest.approx(0.106, abs=0.001)


@pytest.mark.parametrize("level", [0.9, 0.99])
def test_another_level_is_the_kernels_at_that_level_after_cuped_too(demo: Demo, level: float) -> None:
    ctx = demo.context()
    arms = stored_covariates(ctx, "itt", "all")
    stored = results(ctx, "itt", experiment_id=CUPED[1])
    shown_at = demo.call("experiment_results", experiment_id=CUPED[1], population="itt", level=level).evidence
    for item, row in zip(shown_at, stored, strict=True):
        found = adjusted(row, arms, level)
        assert found is not None
        assert item.cuped is not None
        assert (told(item.cuped.difference), told(item.cuped.lift)[1:]) == (
            told(found.difference),
            told(found.lift)[1:],
        )
        assert (item.difference == item.cuped.difference) is item.cuped.judged


def test_several_treatments_have_a_chance_to_be_best_and_a_single_one_has_none(demo: Demo) -> None:
    found = demo.call(
        "experiment_results", experiment_id="price_badges", population="itt", metric_ids=["conversion_7d"]
    ).evidence
    best = {item.variation_id: item.chance_to_be_best for item in found}
    loss = {item.variation_id: item.expected_loss for item in found}
    assert best["social_proof_badge"] is not None
    assert best["social_proof_badge"] > 0.9999
    assert loss["social_proof_badge"] is not None
    assert loss["social_proof_badge"] < 1e-6
    assert loss["discount_badge"] == pytest.approx(0.0337, abs=0.0001)
    single = demo.call("experiment_results", experiment_id="one_page_checkout", population="itt").evidence
    assert {(item.chance_to_be_best, item.expected_loss) for item in single} == {(None, None)}


def test_primary_metrics_come_first_and_guardrails_last(demo: Demo) -> None:
    found = demo.call("experiment_results", experiment_id="one_page_checkout", population="itt").evidence
    assert [item.metric_id for item in found] == [
        "conversion_7d",
        "orders_per_user",
        "revenue_per_user",
        "revenue_per_user_w99",
        "average_order_value",
        "support_tickets_per_user",
    ]


def test_metrics_and_arms_asked_for_are_the_only_ones_told(demo: Demo) -> None:
    found = demo.call(
        "experiment_results",
        experiment_id="price_badges",
        population="exposed",
        metric_ids=["revenue_per_user"],
        variation_ids=["social_proof_badge", "discount_badge"],
    ).evidence
    assert [(item.metric_id, item.variation_id, item.analysis_population) for item in found] == [
        ("revenue_per_user", "discount_badge", "exposed"),
        ("revenue_per_user", "social_proof_badge", "exposed"),
    ]


@pytest.mark.parametrize("level", [0.9, 0.99])
@pytest.mark.parametrize("experiment_id", ["one_page_checkout", "recs_carousel", "exp_demo_001"])
def test_another_level_is_the_kernels_at_that_level(demo: Demo, experiment_id: str, level: float) -> None:
    ctx = demo.context()
    arms = stored_arms(ctx, "itt", "all")
    stored = results(ctx, "itt", experiment_id=experiment_id)
    found = demo.call("experiment_results", experiment_id=experiment_id, population="itt", level=level).evidence
    assert len(found) == len(stored)
    for item, row in zip(found, stored, strict=True):
        comparison = recomputed(row, arms, level)
        if isinstance(comparison, NotComputable):
            assert (told(item.difference), told(item.lift)) == ((None, None, None), (None, None, None))
            continue
        judged = comparison.sequential if item.basis == "always_valid" else comparison
        assert (told(item.difference), told(item.lift)[1:]) == (told(judged.difference), told(judged.lift)[1:])


def test_a_wider_level_widens_intervals_and_leaves_the_rest(demo: Demo) -> None:
    usual, wide = (
        demo.call("experiment_results", experiment_id="one_page_checkout", population="itt", level=level).evidence
        for level in (0.95, 0.99)
    )
    for narrow, broad in zip(usual, wide, strict=True):
        assert narrow.difference.ci_low is not None
        assert broad.difference.ci_low is not None
        assert broad.difference.ci_low < narrow.difference.ci_low
        assert narrow.cuped is not None
        assert broad.cuped is not None
        assert broad.cuped.difference.ci_low is not None
        assert narrow.cuped.difference.ci_low is not None
        assert broad.cuped.difference.ci_low < narrow.cuped.difference.ci_low
        cuped = broad.cuped.model_copy(update={"difference": narrow.cuped.difference, "lift": narrow.cuped.lift})
        unchanged = broad.model_copy(update={"difference": narrow.difference, "lift": narrow.lift, "cuped": cuped})
        assert unchanged == narrow


@pytest.mark.parametrize("level", [0.49, 1.0, 95, math.nan])
def test_a_level_that_is_none_is_refused(demo: Demo, level: float) -> None:
    with pytest.raises(UsageError, match="level: Input should be"):
        demo.call("experiment_results", experiment_id="one_page_checkout", population="itt", level=level)


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        pytest.param(
            {"experiment_id": "one_page_chekout"},
            "no experiment named 'one_page_chekout' here",
            "did you mean 'one_page_checkout'?",
            id="misspelled experiment",
        ),
        pytest.param(
            {"experiment_id": "payroll"},
            "no experiment named 'payroll' here",
            "there is: checkout_copy, exp_demo_001, express_refunds, free_shipping_threshold, loyalty_tiers, "
            "mobile_paywall, new_onboarding, one_page_checkout, pin_leaderboard_carousel, price_badges, push_cadence, "
            "recs_carousel, search_ranker_v2",
            id="unknown experiment",
        ),
        pytest.param(
            {"experiment_id": "new_onboarding", "metric_ids": ["refund_rate"]},
            "no metric named 'refund_rate' here",
            "there is: conversion_7d, sessions_per_user",
            id="metric of another experiment",
        ),
        pytest.param(
            {"experiment_id": "new_onboarding", "metric_ids": ["conversion_7d", "conversion_28d"]},
            "no metric named 'conversion_28d' here",
            "did you mean 'conversion_7d'?",
            id="one metric of two",
        ),
        pytest.param(
            {"experiment_id": "price_badges", "variation_ids": ["treatment"]},
            "no variation named 'treatment' here",
            "there is: discount_badge, scarcity_badge, social_proof_badge",
            id="unknown arm",
        ),
        pytest.param(
            {"experiment_id": "price_badges", "variation_ids": ["control"]},
            "'control' is the control: it stands beside every treatment, and has no effect of its own",
            "there is: discount_badge, scarcity_badge, social_proof_badge",
            id="the control as a treatment",
        ),
    ],
)
def test_what_is_not_there_is_said_and_nothing_takes_its_place(
    demo: Demo, arguments: dict[str, Any], message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as refused:
        demo.call("experiment_results", population="itt", **arguments)
    assert (refused.value.message, refused.value.hint) == (message, hint)


SEGMENT = {"experiment_id": "mobile_paywall", "metric_id": "conversion_7d", "dimension": "platform"}


def test_segments_hold_opposite_effects_and_corrected_p_values(demo: Demo) -> None:
    result = demo.call("experiment_segments", population="itt", **SEGMENT)
    found = {item.dimension_value: item for item in result.evidence}
    assert list(found) == ["android", "ios"]
    assert {place: item.verdict for place, item in found.items()} == {"android": "worse", "ios": "better"}
    assert {item.dimension for item in result.evidence} == {"platform"}
    assert result.text == "P-values are corrected over the cells of this breakdown (Holm)."
    p_values = sorted(item.p_value or 0.0 for item in result.evidence)
    adjusted = sorted(item.p_value_adjusted or 0.0 for item in result.evidence)
    assert adjusted == [2 * p_values[0], p_values[1]]


def test_one_segment_can_be_asked_for_at_another_level(demo: Demo) -> None:
    (usual,) = demo.call("experiment_segments", population="itt", dimension_value="ios", **SEGMENT).evidence
    (found,) = demo.call("experiment_segments", population="itt", dimension_value="ios", level=0.9, **SEGMENT).evidence
    ctx = demo.context()
    (row,) = results(
        ctx, "itt", experiment_id="mobile_paywall", metric_ids=["conversion_7d"], dimension="platform",
        dimension_value="ios",
    )  # fmt: skip
    comparison = recomputed(row, stored_arms(ctx, "itt", "platform"), 0.9)
    assert isinstance(comparison, Comparison)
    assert told(found.difference) == told(comparison.difference)
    assert told(found.difference) != told(usual.difference)


@pytest.mark.parametrize(
    ("changed", "message", "hint"),
    [
        pytest.param(
            {"dimension": "browser"},
            "no dimension named 'browser' here",
            "there is: all, country, customer_type, platform",
            id="dimension",
        ),
        pytest.param(
            {"dimension_value": "web"}, "no dimension value named 'web' here", "there is: android, ios", id="segment"
        ),
        pytest.param(
            {"dimension_value": "GB"},
            "no dimension value named 'GB' here",
            "there is: android, ios",
            id="segment of another dimension",
        ),
        pytest.param(
            {"metric_id": "page_load_ms"},
            "no metric named 'page_load_ms' here",
            "there is: conversion_7d, revenue_per_user, unsubscribe_rate",
            id="metric",
        ),
    ],
)
def test_a_segment_that_is_not_there_is_said(demo: Demo, changed: dict[str, str], message: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        demo.call("experiment_segments", population="itt", **SEGMENT | changed)
    assert (refused.value.message, refused.value.hint) == (message, hint)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("experiment_results", {"experiment_id": "price_badges"}),
        ("experiment_segments", {**SEGMENT}),
        ("experiment_trend", {"experiment_id": "one_page_checkout", "metric_id": "conversion_7d"}),
        ("experiment_decision", {"experiment_id": "price_badges"}),
        ("rank_experiments", {}),
    ],
)
def test_an_effect_is_never_told_from_some_of_its_rows(demo: Demo, tool: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="has more rows for this than role 'analyst' may read \\(1\\)"):
        registry.call(tool, {"population": "itt", **arguments}, demo.context(rows=1))


@dataclass(frozen=True)
class HidingEngine:
    """Answers as another engine does, without the control's cells: too few units to be stored in a breakdown."""

    real: Engine

    @property
    def name(self) -> str:
        return self.real.name

    def run(self, approved: Approved) -> Rows:
        found = self.real.run(approved)
        if ARMS not in approved.assets:
            return found
        arm = found.columns.index("variation_id")
        return replace(found, rows=tuple(row for row in found.rows if row[arm] != "control"))

    def close(self) -> None:
        """Nothing of its own."""


def test_a_segment_whose_control_is_too_small_to_be_stored_has_no_interval_at_any_level(demo: Demo) -> None:
    ctx = demo.context()
    hiding = ToolContext(HidingEngine(ctx.engine), ctx.contract, ctx.policy)
    found = registry.call("experiment_segments", {"population": "itt", "level": 0.9, **SEGMENT}, hiding).evidence
    assert [told(item.difference)[1:] for item in found] == [(None, None), (None, None)]
    assert [told(item.lift) for item in found] == [(None, None, None), (None, None, None)]


def test_a_contract_without_what_an_answer_needs_is_the_contracts_fault(demo: Demo) -> None:
    whole = demo.context()
    asset = whole.contract.assets["fct_experiment_results"]
    columns = {name: column for name, column in asset.columns.items() if name != "uplift_abs"}
    assets = {**whole.contract.assets, "fct_experiment_results": asset.model_copy(update={"columns": columns})}
    ctx = replace(whole, contract=whole.contract.model_copy(update={"assets": assets}))
    with pytest.raises(ContractError) as refused:
        registry.call("experiment_results", {"experiment_id": "price_badges", "population": "itt"}, ctx)
    problem = "fct_experiment_results: no column 'uplift_abs'. Did you mean 'cuped_uplift_abs'?"
    assert refused.value.problems == (problem,)
