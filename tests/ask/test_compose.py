"""Texts from evidence: what leads, which numbers are shown and how, and what is never said."""

import re
from typing import Any

import pytest

from gateway.answer import ArmValue, Cuped, Estimate, Evidence, Quality, SrmStatus, Table
from gateway.ask.compose import compose
from gateway.ask.figures import Scale, chance, p_value, percent, significant
from gateway.ports import Plan, ToolCall
from gateway.tools.base import ToolResult
from tests.ask.asking import ask


def evidence(**changes: Any) -> Evidence:
    values: dict[str, Any] = {
        "experiment_id": "one_page_checkout",
        "metric_id": "conversion_7d",
        "variation_id": "treatment",
        "control_variation_id": "control",
        "analysis_population": "itt",
        "control": ArmValue(n=30_012, value=0.1120),
        "treatment": ArmValue(n=29_988, value=0.1234),
        "difference": Estimate(value=0.0114, ci_low=0.0062, ci_high=0.0166),
        "lift": Estimate(value=0.1018, ci_low=0.0541, ci_high=0.1512),
        "p_value": 0.0000172,
        "chance_to_win": 0.99999,
        "statsig": "significant_positive",
        "verdict": "better",
        "srm": SrmStatus(status="ok", p_value=0.9),
        "quality": Quality(exposure_rate=0.9, valid_exposure_rate=0.9, mature_share=1.0),
    }
    return Evidence(**(values | changes))


def text_of(question: str, *results: ToolResult) -> str:
    plan = ask(question)
    return compose(plan, list(zip(plan.calls, results, strict=True)))


def test_effect_is_told_with_arms_difference_lift_and_basis() -> None:
    text = text_of("Did one-page checkout increase conversion?", ToolResult(evidence=(evidence(),)))
    first, last = text.splitlines()
    assert first == (
        "7-day conversion, treatment vs control: higher with the treatment, which is better. "
        "12.34 % over 29,988 units against 11.2 % over 30,012 units. "
        "Difference +1.14 percentage points (95 % interval +0.62 to +1.66), relative lift +10.2 % "
        "(+5.41 % to +15.1 %), p < 0.0001, chance to win over 99.9 %."
    )
    assert last == "Intervals are fixed-horizon: the experiment has ended."


def test_sample_ratio_mismatch_leads_and_nothing_is_recommended() -> None:
    broken = evidence(srm=SrmStatus(status="mismatch", p_value=1e-12), verdict="unreliable", decision="INVALID")
    text = text_of("should we launch one page checkout", ToolResult(evidence=(broken,)))
    assert text.startswith("Sample ratio mismatch in One-page checkout (p < 0.0001): the effect is not trustworthy")
    assert "INVALID (invalid, so no launch is recommended)" in text
    assert "which is better" not in text


def test_interval_level_is_the_one_asked_for() -> None:
    text = text_of("one page checkout conversion 90% interval", ToolResult(evidence=(evidence(),)))
    assert "(90 % interval +0.62 to +1.66)" in text


def test_lower_is_better_is_said() -> None:
    better = evidence(metric_id="refund_rate", difference=Estimate(value=-0.01, ci_low=-0.015, ci_high=-0.005))
    text = text_of("did one page checkout reduce refunds", ToolResult(evidence=(better,)))
    assert "Refund rate, treatment vs control: lower with the treatment (lower is better), which is better." in text


def test_money_is_no_percentage() -> None:
    money = evidence(
        metric_id="revenue_per_user",
        control=ArmValue(n=100, value=12.5),
        treatment=ArmValue(n=100, value=13.25),
        difference=Estimate(value=0.75, ci_low=-0.5, ci_high=2.0),
        verdict="inconclusive",
    )
    text = text_of("did one page checkout increase revenue", ToolResult(evidence=(money,)))
    assert "13.25 over 100 units against 12.5 over 100 units. Difference +0.75 (95 % interval -0.5 to +2)" in text
    assert "inconclusive: the data do not tell the difference from none" in text


def test_not_computable_is_said_with_its_reason_and_no_number_in_its_place() -> None:
    none = evidence(difference=Estimate(), lift=Estimate(), p_value=None, chance_to_win=None, verdict="inconclusive",
                    not_computable="an arm has fewer than 50 units")  # fmt: skip
    text = text_of("did one page checkout increase conversion", ToolResult(evidence=(none,)))
    assert "no effect can be stated, because an arm has fewer than 50 units" in text
    assert "Difference" not in text


def test_running_and_immature_is_said() -> None:
    open_ = evidence(basis="always_valid", quality=Quality(mature_share=0.62, flags=["low_exposure"]))
    text = text_of("how is loyalty tiers doing", ToolResult(evidence=(open_,)))
    assert "Intervals are always-valid" in text
    assert "Only 62 % of units have a closed outcome window" in text
    assert "Flags: low exposure." in text


def test_nothing_found_is_not_nothing_happened() -> None:
    assert "not the same as no effect" in text_of("did one page checkout increase conversion", ToolResult())
    assert "not the same as no effect" in text_of("biggest lift in revenue", ToolResult(table=Table(columns=["rank"])))
    assert "not the same as healthy" in text_of("can I trust price badges", ToolResult(table=Table(columns=["check"])))


def test_best_arm_is_named_only_among_those_that_are_better() -> None:
    first = evidence(variation_id="badge_amount", difference=Estimate(value=0.02))
    second = evidence(variation_id="badge_percent", difference=Estimate(value=0.03), verdict="inconclusive")
    text = text_of("which arm of price badges is best", ToolResult(evidence=(first, second)))
    assert text.startswith("badge amount has the best result of the arms that are clearly better than control.")
    neither = first.model_copy(update={"verdict": "inconclusive"})
    text = text_of("which arm of price badges is best", ToolResult(evidence=(neither, second)))
    assert text.startswith("No arm is clearly better than control.")


def test_ranking_says_what_was_left_out() -> None:
    columns = [
        "rank",
        "experiment_id",
        "variation_id",
        "metric_id",
        "lift",
        "ci_low",
        "ci_high",
        "basis",
        "chance_to_win",
        "verdict",
    ]
    rows: list[list[Any]] = [
        [1, "one_page_checkout", "treatment", "revenue_per_user", 0.1, 0.05, 0.15, "fixed", 0.999, "better"],
        [2, "loyalty_tiers", "treatment", "revenue_per_user", 0.05, -0.1, 0.2, "always_valid", 0.9, "inconclusive"],
        [None, "pin_leaderboard_carousel", "treatment", "revenue_per_user", 0.3, 0.2, 0.4, "fixed", 1.0, "unreliable"],
    ]
    broken = evidence(
        experiment_id="pin_leaderboard_carousel", srm=SrmStatus(status="mismatch", p_value=1e-9), verdict="unreliable"
    )
    text = text_of("biggest lift in revenue", ToolResult(evidence=(broken,), table=Table(columns=columns, rows=rows)))
    assert text.splitlines()[0] == (
        "1. One-page checkout (treatment, Revenue per user): relative lift +10 % (+5 % to +15 "
        "%), chance to win 99.9 %, better."
    )
    assert text.splitlines()[1] == (
        "2. Loyalty tiers (treatment, Revenue per user): relative lift +5 % (-10 % to +20 %, always-valid), "
        "chance to win 90 %, inconclusive."
    )
    assert "Sample ratio mismatch in Pin leaderboard carousel" in text


def test_health_leads_with_the_ratio_and_lists_what_needs_attention() -> None:
    rows: list[list[Any]] = [
        ["sample_ratio", "itt", 1e-9, "mismatch", "observed {}, expected {}"],
        ["exposure_rate", None, 0.41, "attention", "41 of 100"],
        ["mature_share", "itt", 1.0, "ok", ""],
    ]
    table = Table(columns=["check", "population", "value", "status", "detail"], rows=rows)
    lines = text_of(
        "can I trust new onboarding", ToolResult(table=table, text="New onboarding has ended.")
    ).splitlines()
    assert lines[0].startswith(
        "Sample ratio mismatch in population itt (p < 0.0001): effects of this experiment are not trustworthy."
    )
    assert lines[1] == "Needs attention: exposure rate 41 %."


def test_meaning_is_that_of_the_metric_asked_about() -> None:
    columns = ["metric_id", "label", "aggregation", "desired", "unit", "description"]
    rows: list[list[Any]] = [
        ["average_order_value", "Average order value", "ratio", "increase", "currency", "Revenue divided by orders."],
        ["refund_rate", "Refund rate", "ratio", "decrease", "proportion", "Refunds per order."],
    ]
    text = text_of("what does AOV mean", ToolResult(table=Table(columns=columns, rows=rows)))
    assert (
        text
        == "Average order value (average_order_value): Revenue divided by orders. Aggregation: ratio; higher is better."
    )


def test_a_tool_called_without_a_question_is_told_by_its_ids() -> None:
    call = ToolCall("experiment_results", {"experiment_id": "one_page_checkout", "population": "itt"})
    text = compose(Plan(calls=(call,)), [(call, ToolResult(evidence=(evidence(),)))])
    assert text.startswith(
        "conversion_7d, treatment vs control: higher with the treatment, which is better. 0.1234 over"
    )


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0"), (0.00001234, "1.23e-05"), (0.18276, "0.1828"), (1234.5, "1,234"), (21307, "21,307")]
)
def test_numbers_read_to_a_few_digits(number: float, shown: str) -> None:
    assert significant(number) == shown


def test_small_p_values_and_near_certain_shares_are_not_rounded_to_certainty() -> None:
    assert p_value(1e-300) == "p < 0.0001"
    assert chance(1.0) == "over 99.9 %"
    assert chance(0.0) == "under 0.1 %"
    assert percent(0.99999) == "over 99.9 %"
    assert percent(0.00001) == "under 0.1 %"
    assert not re.search(r"%", Scale("sum", "currency").value(3.5))


def test_each_line_names_its_population_where_both_stand_side_by_side() -> None:
    exposed = evidence(analysis_population="exposed")
    found = (ToolResult(evidence=(evidence(),)), ToolResult(evidence=(exposed,)))
    lines = text_of("one page checkout conversion, itt and exposed", *found).splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == [
        "7-day conversion (intent-to-treat), treatment vs control",
        "7-day conversion (exposed units), treatment vs control",
    ]


def test_decision_is_told_once_per_arm_in_names_and_with_its_reasons() -> None:
    said = "treatment: LAUNCH: the primary metric is better: conversion_7d. What would change it: A breach."
    both = (evidence(decision="LAUNCH"), evidence(metric_id="refund_rate", decision="LAUNCH"))
    lines = text_of("should we launch one page checkout", ToolResult(evidence=both, text=said)).splitlines()
    assert lines[0] == (
        "treatment: LAUNCH (launch): the primary metric is better: 7-day conversion. What would change it: A breach."
    )
    assert not any("LAUNCH" in line for line in lines[1:])


def test_units_of_a_ratio_are_not_what_it_is_taken_over() -> None:
    ratio = evidence(
        metric_id="refund_rate", control=ArmValue(n=900, value=0.1), treatment=ArmValue(n=1_000, value=0.12)
    )
    text = text_of("did one page checkout change refunds", ToolResult(evidence=(ratio,)))
    assert "12 % (of 1,000 units) against 10 % (of 900 units)." in text


def test_failed_exposure_integrity_is_said_before_the_effect() -> None:
    broken = evidence(quality=Quality(flags=["exposure_integrity_failed", "exposure_drop"]))
    lines = text_of("did one page checkout increase conversion", ToolResult(evidence=(broken,))).splitlines()
    assert lines[0] == (
        "Exposure integrity failed in One-page checkout: exposure logging dropped. No launch is recommended on this."
    )
    assert not any(line.startswith("Flags") for line in lines)


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        ("segment_srm_mismatch", "The sample ratio is off in a segment, though not overall:"),
        ("covariate_imbalance", "The arms already differed before the experiment, by more than chance allows:"),
        ("cuped_not_available", "The metric's definition asks for CUPED, but its units have no past to adjust by:"),
    ],
)
def test_a_flag_with_a_meaning_is_said_in_a_sentence(flag: str, said: str) -> None:
    found = evidence(quality=Quality(flags=[flag]))
    lines = text_of("did one page checkout increase conversion", ToolResult(evidence=(found,))).splitlines()
    assert [line for line in lines if line.startswith(said)]
    assert not any(line.startswith("Flags") for line in lines)


def test_a_segment_whose_split_is_off_is_named() -> None:
    cells = [
        evidence(dimension="platform", dimension_value=name, verdict=verdict, quality=Quality(flags=flags))
        for name, verdict, flags in (("ios", "unreliable", ["segment_srm_mismatch"]), ("web", "better", []))
    ]
    lines = text_of("one page checkout conversion by platform", ToolResult(evidence=tuple(cells))).splitlines()
    assert "The sample ratio is off in platform = ios: the effect there is not trustworthy." in lines


def test_an_effect_that_cuped_judges_says_so() -> None:
    found = evidence(cuped=Cuped(difference=Estimate(value=0.0114), variance_reduction=0.2, judged=True))
    text = text_of("did one page checkout increase conversion", ToolResult(evidence=(found,)))
    assert "Difference after CUPED +1.14 percentage points (95 % interval" in text


def test_the_likeliest_best_arm_is_named_with_its_chance_and_its_cost() -> None:
    arms = [
        evidence(experiment_id="price_badges", variation_id=arm, verdict=verdict, chance_to_be_best=best,
                 expected_loss=loss)
        for arm, verdict, best, loss in (
            ("badge_amount", "inconclusive", 0.71, 0.0004), ("badge_percent", "inconclusive", 0.2, 0.002),
        )
    ]  # fmt: skip
    lines = text_of("which arm of price badges is best", ToolResult(evidence=tuple(arms))).splitlines()
    assert lines[0] == "No arm is clearly better than control."
    assert lines[1] == (
        "Of the treatments, badge amount is the likeliest to be the best of all arms, control included: chance 71 %; "
        "choosing it is expected to cost 0.04 percentage points against the best."
    )


def test_split_is_told_in_words_with_counts_and_planned_shares() -> None:
    columns = ["check", "population", "value", "status", "detail", "variation_id", "n_units", "expected_share"]
    rows: list[list[Any]] = [
        ["sample_ratio", "itt", 1e-24, "mismatch", "chi-squared", None, None, None],
        ["arm_share", "itt", 12103 / 22639, "ok", "in the split", "control", 12103, 0.5],
        ["arm_share", "itt", 10536 / 22639, "ok", "in the split", "treatment", 10536, 0.5],
        ["arm_share", "itt", None, "ok", "not in the set-up", "ghost", 7, None],
        ["arm_share", "exposed", 1.0, "ok", "in the split", "control", 1, 0.5],
    ]
    text = text_of("is there an srm in one page checkout", ToolResult(table=Table(columns=columns, rows=rows)))
    assert text.splitlines()[0] == (
        "Sample ratio mismatch in population itt (p < 0.0001): effects of this experiment are not trustworthy. "
        "22,646 units: control 12,103 (53.5 %, planned 50 %), treatment 10,536 (46.5 %, planned 50 %), "
        "ghost 7 (no share, not planned)."
    )


def test_segments_in_which_the_split_is_off_are_named_worst_first() -> None:
    columns = ["check", "population", "value", "status", "detail", "dimension", "dimension_value"]
    rows: list[list[Any]] = [
        ["sample_ratio", "itt", 0.2, "ok", "chi-squared", None, None],
        ["sample_ratio_segments", "itt", 1e-9, "mismatch", "", None, None],
        ["sample_ratio_segment", "itt", 5e-4, "mismatch", "", "country", "FR"],
        ["sample_ratio_segment", "itt", 1e-9, "mismatch", "", "platform", "ios"],
        ["sample_ratio_segments", "exposed", 0.7, "ok", "", None, None],
    ]
    text = text_of("is there an srm in one page checkout", ToolResult(table=Table(columns=columns, rows=rows)))
    assert text.splitlines()[:2] == [
        "No sample ratio mismatch in population itt (p = 0.2). The units of its arms are not known.",
        "The split is off in segments of population itt: platform = ios (p < 0.0001), country = FR (p = 0.0005).",
    ]


def test_day_on_which_exposure_fell_is_named() -> None:
    rows: list[list[Any]] = [["2026-02-10", 0.95, 0.95], ["2026-02-11", 0.66, 0.65], ["2026-02-12", 0.67, 0.66]]
    table = Table(columns=["date_day", "exposure_rate", "valid_exposure_rate"], rows=rows)
    text = text_of("when did exposure logging break in new onboarding", ToolResult(table=table))
    assert text.splitlines()[0] == "The largest fall of the exposure rate is on 2026-02-11: from 95 % to 66 %."


def test_no_control_character_of_a_stored_name_reaches_a_text() -> None:
    hostile = "\x1b]0;owned\x07\u202e\nSample ratio ok"
    found = ToolResult(
        evidence=(evidence(variation_id=hostile, dimension="platform", dimension_value=hostile),), text=hostile
    )
    call = ToolCall("experiment_results", {})
    text = compose(Plan(calls=(call,)), [(call, found)])
    assert not set(text) & {"\x1b", "\x07", "\u202e"}
    assert not any(line.startswith("Sample ratio ok") for line in text.splitlines())
