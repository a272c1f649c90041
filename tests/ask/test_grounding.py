"""A model's sentence is shown only when every number in it stands in the evidence, and no verdict is its own."""

import dataclasses
from typing import Any

import pytest

from gateway.answer import Answer, ArmValue, Estimate, Evidence, Quality, SrmStatus, Table
from gateway.ask.grounding import CLAIM, LANGUAGE, NUMBER, Grounding
from gateway.ask.prose import harmless
from gateway.ports import ToolCall

WINNER = Evidence(
    experiment_id="one_page_checkout",
    metric_id="conversion_7d",
    variation_id="one_page",
    control_variation_id="control",
    analysis_population="itt",
    control=ArmValue(n=14_979, value=0.126510),
    treatment=ArmValue(n=15_101, value=0.150387),
    difference=Estimate(value=0.023877, ci_low=0.016092, ci_high=0.031662),
    lift=Estimate(value=0.188736, ci_low=0.123405, ci_high=0.258304),
    p_value=2.0e-9,
    chance_to_win=0.999999,
    statsig="significant_positive",
    verdict="better",
    srm=SrmStatus(status="ok", p_value=0.4818),
    quality=Quality(exposure_rate=0.9492, valid_exposure_rate=0.9492, mature_share=1.0),
)
LOSER = WINNER.model_copy(
    update={
        "metric_id": "revenue_per_user",
        "control": ArmValue(n=14_979, value=12.61),
        "treatment": ArmValue(n=15_101, value=12.40),
        "difference": Estimate(value=-0.21, ci_low=-0.38, ci_high=-0.04),
        "lift": Estimate(value=-0.0167, ci_low=-0.0301, ci_high=-0.0032),
        "p_value": 0.0162,
        "chance_to_win": 0.0081,
        "verdict": "worse",
    }
)
BROKEN = WINNER.model_copy(
    update={
        "experiment_id": "pin_leaderboard_carousel",
        "variation_id": "treatment",
        "verdict": "unreliable",
        "srm": SrmStatus(status="mismatch", p_value=1e-12),
        "decision": "INVALID",
    }
)
FLAT = WINNER.model_copy(
    update={
        "difference": Estimate(value=0.0004, ci_low=-0.003, ci_high=0.004),
        "lift": Estimate(value=0.0031, ci_low=-0.025, ci_high=0.031),
        "p_value": 0.81,
        "chance_to_win": 0.595,
        "verdict": "inconclusive",
        "statsig": "flat",
    }
)
DAILY = Table(
    columns=["date_day", "exposure_rate", "n_assigned"],
    rows=[["2026-02-01", 0.951, 500], ["2026-02-02", 0.948, 512], ["2026-02-03", 0.612, 498]],
)
CATALOGUE = Table(
    columns=["experiment_id", "name", "status", "description"],
    rows=[
        ["one_page_checkout", "One-page checkout", "ended", "Meant to raise conversion by 40 %"],
        ["exp_demo_001", "Three users", "ended", ""],
        ["search_ranker_v2", "Search ranker v2", "running", ""],
        ["forty_up", "Forty percent more revenue", "ended", ""],
    ],
)


def knowing(
    *evidence: Evidence, table: Table | None = None, question: str = "", tool: str = "query_marts"
) -> Grounding:
    grounding = Grounding()
    grounding.names.trust("7-day conversion", "metric_id", "conversion_7d")
    grounding.heard(question)
    answer = Answer(status="answered", evidence=list(evidence), table=table or Table())
    grounding.learn(ToolCall(tool), answer)
    return grounding


def reason(grounding: Grounding, sentence: str) -> str:
    """As the teller asks: about the text that would be shown."""
    return grounding.reason(harmless(sentence))


@pytest.mark.parametrize(
    "sentence",
    [
        "Yes: conversion_7d rose by 18.9 % (95 % interval 12.3 % to 25.8 %).",
        "It went from 12.65 % to 15.04 %, a difference of +2.39 points (+1.61 to +3.17 points).",
        "7-day conversion rose by 2.4 percentage points over 15,101 units against 14,979.",
        "p = 2.0e-9, p < 0.0001, p < 0.05, and p = 2.0 × 10⁻⁹.",
        "The chance to win is over 99.9 %.",
        "About 15k units per arm, or fifteen thousand; 30,080 units in all.",
        "The lift is 19 percent, nineteen percent, 18.87 pct or 0.189.",
        "That is 1.19 times control, a difference of 239 basis points.",
        "Roughly one in eight users of control converted.",
        "The sample ratio is ok (p = 0.48); 94.92 % were exposed, 100 % are mature.",
        "The lift lies between 12.3 and 25.8 %, that is 12.3–25.8 %.",
        "**Conversion** rose by **18.9 %**.",
        "One experiment, two arms, one metric.",
        "one_page is better than control, and the difference is significant.",
        "Did it rise?",
        "There is no sample ratio mismatch.",
        "It is not worse than control.",
    ],
)
def test_a_sentence_that_keeps_to_the_evidence_is_shown(sentence: str) -> None:
    assert reason(knowing(WINNER), sentence) == ""


@pytest.mark.parametrize(
    "sentence",
    [
        "It rose by 19.9 %.",
        "It rose by 18.8 %.",
        "The lift is 18.8700 %.",
        "It fell by 18.9 %.",
        "The lift is -18.9 %.",
        "It rose by 15.04 %.",
        "Conversion rose 15.04 %.",
        "It rose by 2.39 %.",
        "It rose by 18.9 points.",
        "15101 % of users converted.",
        "It doubled.",
        "It more than doubled, twofold.",
        "It halved.",
        "Half of all users converted.",
        "A third of users converted.",
        "One in five users converted.",
        "3 out of 4 users converted.",
        "It is 1.5x control.",
        "It is 95 % likely to win.",
        "The chance to win is 100 %.",
        "p = 0.03.",
        "p = 0.05.",
        "p = 0.",
        "p < 1e-12.",
        "About 20k units.",
        "15,102 units.",
        "The 90 % interval is 12.3 % to 25.8 %.",
        "Twenty percent more users.",
        "twenty-five points.",
        "Up to 40 %.",
        "Hundreds of users.",
        "A dozen experiments.",
        "2026-02-01 was the day.",
        "It began on 1 February.",
        "Since 2026.",
        "In 3 weeks.",
        "After seven days.",
        "+19 users.",
        "$12.40 per user.",
        "±0.8 points.",
        "10^3 users.",
        "10² users.",
        "1.234,5 users.",
        "&#52;0 users.",
        "４０ ％ more.",
        "٤٠ users.",
        "𝟒𝟎 users.",
        "4\u200b0 users.",
        "4**0** %.",
        "½ of users.",
        "Ⅷ percent.",
        "l8.9 %.",
        "x percent.",
        "a lot of percent.",
        "up40pct.",
        "Zwanzig Prozent mehr.",
        "двадцать процентов",
        "twеnty users",
        "三十 users",
        "minus three percent",
        "Version v9 of exp_40 won.",
        "Did it rise by 40 %?",
    ],
)
def test_a_number_that_is_not_in_the_evidence_is_caught_however_it_is_written(sentence: str) -> None:
    assert reason(knowing(WINNER), sentence) == NUMBER


def test_a_fall_may_be_told_by_its_sign_or_by_its_word_and_by_no_other() -> None:
    grounding = knowing(LOSER)
    for sentence in (
        "Revenue fell by 1.67 %.",
        "Revenue is 1.67 % lower.",
        "A lift of -1.67 %.",
        "Revenue fell by 1.67 % (95 % interval 0.32 % to 3.01 %).",
        "Revenue fell by 1.67 % (95 % interval −3.01 % to −0.32 %).",
        "The difference is −0.21, from $12.61 to $12.40.",
        "A drop of 1.67 %, with p = 0.016.",
    ):
        assert reason(grounding, sentence) == "", sentence
    for sentence in ("Revenue rose by 1.67 %.", "A lift of 1.67 %.", "Revenue is 1.67 % higher.", "+1.67 %."):
        assert reason(grounding, sentence) == NUMBER, sentence


@pytest.mark.parametrize(
    ("evidence", "sentence"),
    [
        pytest.param(WINNER, "It is worse than control.", id="worse"),
        pytest.param(WINNER, "The result is inconclusive.", id="inconclusive"),
        pytest.param(WINNER, "It is not better than control.", id="not better"),
        pytest.param(WINNER, "The effect is not significant.", id="not significant"),
        pytest.param(WINNER, "You should launch it.", id="a launch that nothing decided"),
        pytest.param(WINNER, "Ship it.", id="another word for it"),
        pytest.param(WINNER, "The decision is LAUNCH.", id="a decision code"),
        pytest.param(WINNER, "There is a sample ratio mismatch.", id="a mismatch that is none"),
        pytest.param(WINNER, "Conversion fell.", id="direction"),
        pytest.param(LOSER, "It is the winner.", id="winner"),
        pytest.param(LOSER, "Revenue improved.", id="improved"),
        pytest.param(FLAT, "It is a winner.", id="winner of a flat one"),
        pytest.param(FLAT, "The effect is statistically significant.", id="significant"),
        pytest.param(FLAT, "No doubt it is better.", id="no doubt"),
        pytest.param(BROKEN, "It is better than control.", id="better, unreliable"),
        pytest.param(BROKEN, "Conversion rose.", id="rose, unreliable"),
        pytest.param(BROKEN, "Conversion rose by 18.9 %.", id="effect of a broken split"),
        pytest.param(BROKEN, "The split is healthy.", id="healthy"),
        pytest.param(BROKEN, "There is no sample ratio mismatch.", id="mismatch denied"),
        pytest.param(BROKEN, "The result can be trusted.", id="trust"),
        pytest.param(BROKEN, "It should be launched.", id="launch"),
    ],
)
def test_a_judgement_that_is_not_the_gateways_is_withheld(evidence: Evidence, sentence: str) -> None:
    assert reason(knowing(evidence), sentence) == CLAIM


@pytest.mark.parametrize(
    ("evidence", "sentence"),
    [
        pytest.param(LOSER, "Revenue fell, which is worse, and significantly so.", id="worse"),
        pytest.param(LOSER, "It is not better than control.", id="not better"),
        pytest.param(FLAT, "The result is inconclusive: no clear difference.", id="inconclusive"),
        pytest.param(FLAT, "It is not significant, and it is no winner.", id="not significant"),
        pytest.param(BROKEN, "There is a sample ratio mismatch, so the effect can't be trusted.", id="mismatch"),
        pytest.param(BROKEN, "A lift of 18.9 % was measured, but it is not trustworthy.", id="with the caveat"),
        pytest.param(BROKEN, "It should not be launched: the decision is INVALID.", id="no launch"),
        pytest.param(WINNER, "It was meant to raise conversion, and whether it was launched is not known.", id="open"),
        pytest.param(WINNER, "Lower is better for refunds.", id="an idiom"),
    ],
)
def test_a_judgement_of_the_gateways_may_be_repeated(evidence: Evidence, sentence: str) -> None:
    assert reason(knowing(evidence), sentence) == ""


def test_a_sentence_is_held_against_what_it_names() -> None:
    grounding = knowing(WINNER, LOSER)
    assert reason(grounding, "7-day conversion is better.") == ""
    assert reason(grounding, "revenue_per_user is worse.") == ""
    assert reason(grounding, "revenue_per_user is better.") == CLAIM
    assert reason(grounding, "conversion_7d is worse.") == CLAIM
    assert reason(grounding, "It is better.") == CLAIM, "one is better and one is worse"


def test_without_anything_read_nothing_is_claimed() -> None:
    grounding = Grounding()
    assert reason(grounding, "It is the winner.") == CLAIM
    assert reason(grounding, "Conversion rose.") == CLAIM
    assert reason(grounding, "It rose by 3 %.") == NUMBER
    assert reason(grounding, "I can't tell from what I may read.") == ""


def test_names_hold_digits_without_being_numbers() -> None:
    grounding = knowing(table=CATALOGUE, question="What of checkout_q3 and plan9?")
    for sentence in (
        "search_ranker_v2 is running, exp_demo_001 has ended.",
        "Search ranker v2 and One-page checkout.",
        "You ask about checkout_q3 and plan9.",
        "Of the 4 experiments 3 have ended.",
    ):
        assert reason(grounding, sentence) == "", sentence


def test_a_name_that_reads_like_a_finding_is_no_way_around() -> None:
    grounding = knowing(table=CATALOGUE)
    assert reason(grounding, "Forty percent more revenue.") == NUMBER
    assert reason(grounding, "forty_up is an id and may be said.") == ""


def test_a_number_in_a_description_is_no_evidence() -> None:
    assert reason(knowing(table=CATALOGUE), "It was meant to raise conversion by 40 %.") == NUMBER


def test_numbers_of_the_user_are_theirs_alone() -> None:
    grounding = knowing(WINNER, question="Did it rise by 40 %, as I expected?")
    assert reason(grounding, "You asked about 40 %.") == ""
    assert reason(grounding, "It rose by 40 %.") == NUMBER


def test_dates_and_days_are_those_of_the_table() -> None:
    grounding = knowing(table=DAILY)
    for sentence in (
        "On 2026-02-03 the exposure rate was 61.2 %.",
        "From 1 February 2026 to February 3 it covers 3 days.",
        "The exposure rate fell from 94.8 % to 61.2 % on Feb 3, 2026.",
        "In 2026.",
    ):
        assert reason(grounding, sentence) == "", sentence
    for sentence in ("On 2026-02-04.", "On 3 March.", "On Feb 3, 2025.", "Over 4 days.", "In 2025."):
        assert reason(grounding, sentence) == NUMBER, sentence


def test_a_plans_effect_is_told_of_plans_alone() -> None:
    table = Table(columns=["effect_relative", "units", "days"], rows=[[0.05, 88_552, 69]])
    grounding = knowing(WINNER, table=table, tool="plan_experiment")
    assert reason(grounding, "To detect a lift of 5 % you need 88,552 units, or 69 days.") == ""
    assert reason(grounding, "Conversion rose by 5 %.") == NUMBER


def test_earlier_answers_of_the_conversation_may_be_quoted() -> None:
    first = knowing(WINNER)
    later = Grounding()
    later.recall(first.kept())
    assert reason(later, "As seen before, conversion_7d rose by 18.9 %.") == ""


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        pytest.param("SELECT uplift_rel AS x FROM (SELECT uplift_rel FROM fct) AS fct", True, id="a column"),
        pytest.param("SELECT 0.4 AS x FROM (SELECT uplift_rel FROM fct) AS fct", False, id="a constant"),
        pytest.param("SELECT uplift_rel * 2 AS x FROM (SELECT uplift_rel FROM fct) AS fct", False, id="arithmetic"),
        pytest.param("WITH a AS (SELECT 0.4 AS uplift_rel) SELECT uplift_rel FROM a", False, id="behind a name"),
        pytest.param("SELECT uplift_rel FROM (SELECT 0.4 AS uplift_rel) AS fct", False, id="behind a table"),
        pytest.param("SELECT 0.4 AS x UNION ALL SELECT uplift_rel FROM fct", False, id="beside a column"),
        pytest.param("SELECT x FROM (VALUES (0.4)) AS v(x)", False, id="values"),
    ],
)
def test_of_a_statement_only_what_was_read_from_a_mart_is_evidence(sql: str, *, shown: bool) -> None:
    query = {"proposed": sql, "approved": sql, "verdict": "approved"}
    answer = Answer.model_validate(
        {"status": "answered", "table": {"columns": ["x"], "rows": [[0.4]]}, "queries": [query]}
    )
    grounding = Grounding()
    grounding.learn(ToolCall("run_sql", {"statement": sql}), answer)
    assert (reason(grounding, "The lift is 40 %.") == "") is shown


def test_a_refused_or_failed_call_teaches_nothing() -> None:
    grounding = Grounding()
    answer = Answer(status="error", evidence=[WINNER])
    grounding.learn(ToolCall("experiment_results"), answer)
    assert reason(grounding, "It rose by 18.9 %.") == NUMBER
    assert dataclasses.replace(grounding).kept() == []


def test_each_part_of_a_sentence_is_held_against_what_it_names() -> None:
    ios = LOSER.model_copy(update={"dimension": "platform", "dimension_value": "ios", "verdict": "better"})
    android = LOSER.model_copy(update={"dimension": "platform", "dimension_value": "android"})
    grounding = knowing(ios, android)
    assert reason(grounding, "On ios it is better, on android it is worse.") == ""
    assert reason(grounding, "On ios it is worse, on android it is better.") == CLAIM
    assert reason(grounding, "It is better on android.") == CLAIM


def test_what_a_check_says_of_units_may_be_told_and_what_a_name_in_it_says_may_not() -> None:
    columns = ["check", "value", "status", "detail"]
    detail = "15624 exposed of 19138 assigned, lowest on up 73 %"
    row: list[Any] = ["exposure_rate", 0.816, "attention", detail, "up 73 %"]
    answer = Answer(
        status="answered",
        text="New onboarding is ended, 2026-02-01 to 2026-02-22.",
        table=Table(columns=[*columns, "metric_id"], rows=[row]),
    )
    grounding = Grounding()
    grounding.learn(ToolCall("experiment_health", {"experiment_id": "new_onboarding"}), answer)
    assert reason(grounding, "Only 81.6 % were exposed: 15,624 of 19,138.") == ""
    assert reason(grounding, "It ran from 1 February to 22 February 2026.") == ""
    assert reason(grounding, "Of all units 73 % were up.") == NUMBER


def test_a_number_is_of_what_its_part_of_the_sentence_names() -> None:
    ios = LOSER.model_copy(
        update={
            "dimension": "platform",
            "dimension_value": "ios",
            "lift": Estimate(value=0.4137, ci_low=0.2895, ci_high=0.5511),
            "difference": Estimate(value=2.991, ci_low=2.188, ci_high=3.794),
            "verdict": "better",
        }
    )
    grounding = knowing(WINNER, LOSER, ios)
    for sentence in (
        "7-day conversion rose by 18.9 %, while revenue_per_user fell by 1.67 %.",
        "conversion_7d and revenue_per_user moved by +18.9 % and -1.67 %.",
        "On ios the lift of revenue_per_user is +41.37 %.",
        "On ios the lift is 41.37 %, against -1.67 % overall.",
        "The lift is 18.9 %.",
    ):
        assert reason(grounding, sentence) == "", sentence
    for sentence in (
        "revenue_per_user rose by 18.9 %.",
        "conversion_7d fell by 1.67 %.",
        "conversion_7d fell by 1.67 %, while revenue_per_user rose by 18.9 %.",
        "On ios revenue_per_user fell by 1.67 %.",
    ):
        assert reason(grounding, sentence) == NUMBER, sentence


def test_a_row_of_a_table_is_about_what_its_keys_say() -> None:
    columns = ["experiment_id", "variation_id", "metric_id", "lift", "n_users"]
    rows: list[list[Any]] = [["first_one", "a", "m", 0.12, 1_000], ["second_one", "b", "m", 0.34, 2_000]]
    grounding = knowing(table=Table(columns=columns, rows=rows), tool="rank_experiments")
    assert reason(grounding, "first_one has a lift of 12 % over 1,000 units, second_one of 34 %.") == ""
    assert reason(grounding, "first_one has a lift of 34 %.") == NUMBER
    assert reason(grounding, "second_one has 1,000 units.") == NUMBER


def test_a_word_of_a_claim_in_a_name_claims_nothing_unless_the_name_judges() -> None:
    names = ["Free shipping threshold", "Drop-off rate", "Higher prices test", "The clear winner"]
    rows: list[list[Any]] = [[f"exp_{place}", name] for place, name in enumerate(names)]
    grounding = knowing(table=Table(columns=["experiment_id", "name"], rows=rows))
    assert reason(grounding, "The drop-off rate is there.") == ""
    assert reason(grounding, "Prices are higher.") == CLAIM
    assert reason(grounding, "Free shipping threshold and Higher prices test are there.") == ""
    assert reason(grounding, "The clear winner is there.") == CLAIM


@pytest.mark.parametrize(
    "sentence",
    [
        "Die Konversion stieg um zwanzig Punkte.",
        "Ein Plus von dreiundsiebzig Punkten",
        "La conversion a grimpé de vingt points.",
        "Subió veinte puntos.",
        "De conversie steeg met twintig punten.",
        "Aumentata di venti punti.",
        "Subiu vinte pontos.",
        "Die neue Kasse hat die Konversion deutlich gesteigert und gewinnt",
    ],
)
def test_prose_that_is_not_english_is_not_shown_unchecked(sentence: str) -> None:
    assert reason(knowing(WINNER), sentence) == LANGUAGE
