"""What was planted comes back through the main path, asked in plain words, for every demo experiment and population.

The truth is that of `seeds/README.md`; nothing here is read from a mart and then compared with itself.
"""

import math
from dataclasses import dataclass, field
from statistics import NormalDist, fmean
from typing import Any

import pytest

from gateway.answer import Evidence
from tests.conftest import Demo, rows_of

POPULATIONS = ("itt", "exposed")
LOGGING_BROKE = ["exposure_integrity_failed", "exposure_drop"]
MIXED = ["exposure_integrity_failed", "variant_mismatch", "multi_variation"]
MISTIMED = ["exposure_integrity_failed", "pre_assignment", "outside_window"]
PURCHASES_A_WEEK, PURCHASE_SPREAD = 0.02 * 7, 1.1
UNSUBSCRIBES_A_WEEK, UNSUBSCRIBE_SPREAD = 0.009 * 7, 1.1 * 0.4
EXPOSED_SHARE = 0.95


def converting(events: float, spread: float) -> float:
    """Share of units with at least one event: Poisson in each unit, whose own rate is log-normal around the mean."""
    standard = NormalDist()
    activity = (math.exp(spread * standard.inv_cdf((i + 0.5) / 4000) - spread**2 / 2) for i in range(4000))
    return fmean(1 - math.exp(-events * a) for a in activity)


def conversion_lift(factor: float, events: float = PURCHASES_A_WEEK, spread: float = PURCHASE_SPREAD) -> float:
    """Lift of a share of units, from the factor on how often the event happens: less, since a unit converts once."""
    return converting(events * factor, spread) / converting(events, spread) - 1


@dataclass(frozen=True)
class Truth:
    """One planted effect, the question that asks for it, and what must come back."""

    question: str
    experiment_id: str
    metric_id: str
    variation_id: str
    verdict: str
    """In population itt."""
    statsig: str
    lift: float | None
    """Among exposed units; where some never were, the effect is that much smaller. None: no interval holds it."""
    exposed_verdict: str = ""
    """Where exposure is broken, the exposed population says nothing."""
    srm: str = "ok"
    exposed_srm: str = ""
    basis: str = "fixed"
    flags: list[str] = field(default_factory=list)
    segment: str | None = None

    def of(self, population: str) -> tuple[str, str, str, str, list[str], str | None]:
        exposed = population == "exposed"
        verdict = (self.exposed_verdict if exposed else "") or self.verdict
        srm = (self.exposed_srm if exposed else "") or self.srm
        return verdict, self.statsig, srm, self.basis, self.flags, self.segment


TRUTH = [
    Truth(
        "Did one-page checkout increase conversion?", "one_page_checkout", "conversion_7d", "one_page",
        "better", "significant_positive", conversion_lift(1.3),
    ),
    Truth(
        "Did one-page checkout increase revenue?", "one_page_checkout", "revenue_per_user", "one_page",
        "better", "significant_positive", 0.3,
    ),
    Truth(
        "Did free shipping threshold increase orders?", "free_shipping_threshold", "orders_per_user", "threshold_35",
        "better", "significant_positive", 0.2,
    ),
    Truth(
        "Did free shipping threshold change average order value?", "free_shipping_threshold", "average_order_value",
        "threshold_35", "worse", "significant_negative", -0.03,
    ),
    Truth(
        "Did search ranker v2 improve conversion?", "search_ranker_v2", "conversion_7d", "ranker_v2",
        "inconclusive", "flat", 0.0,
    ),
    Truth(
        "Did the pinned leaderboard carousel increase conversion?", "pin_leaderboard_carousel", "conversion_7d",
        "pinned", "unreliable", "significant_positive", None, srm="mismatch",
    ),
    Truth(
        "Did new onboarding increase sessions?", "new_onboarding", "sessions_per_user", "tour",
        "better", "significant_positive", 0.1, exposed_verdict="unreliable", exposed_srm="mismatch",
        flags=LOGGING_BROKE,
    ),
    Truth(
        "Did the social proof badge of price badges increase conversion?", "price_badges", "conversion_7d",
        "social_proof_badge", "better", "significant_positive", conversion_lift(1.35),
    ),
    Truth(
        "Did the discount badge of price badges increase conversion?", "price_badges", "conversion_7d",
        "discount_badge", "inconclusive", "flat", 0.0,
    ),
    Truth(
        "Did the scarcity badge of price badges increase conversion?", "price_badges", "conversion_7d",
        "scarcity_badge", "inconclusive", "flat", 0.0,
    ),
    Truth(
        "Did express refunds increase conversion?", "express_refunds", "conversion_7d", "express",
        "better", "significant_positive", conversion_lift(1.25),
    ),
    Truth(  # refunds follow purchases by up to 2.5 days: the last ones fall outside the window, and old ones into it
        "Did express refunds change the refund rate?", "express_refunds", "refund_rate", "express",
        "worse", "significant_negative", 0.8 * 0.9,
    ),
    Truth(
        "Did push cadence reduce unsubscribes?", "push_cadence", "unsubscribe_rate", "twice_a_week",
        "better", "significant_positive", conversion_lift(0.65, UNSUBSCRIBES_A_WEEK, UNSUBSCRIBE_SPREAD),
    ),
    Truth(
        "Did the recommendations carousel raise revenue?", "recs_carousel", "revenue_per_user", "carousel",
        "inconclusive", "flat", 0.15, exposed_verdict="unreliable", basis="always_valid", flags=MIXED,
    ),
    Truth(
        "Did checkout copy increase conversion?", "checkout_copy", "conversion_7d", "plain_copy",
        "inconclusive", "directional_negative", 0.0, exposed_verdict="unreliable", flags=MISTIMED,
    ),
    Truth(
        "Did mobile paywall increase conversion?", "mobile_paywall", "conversion_7d", "full_screen",
        "inconclusive", "flat", None,
    ),
    Truth(
        "Did mobile paywall increase conversion on iOS?", "mobile_paywall", "conversion_7d", "full_screen",
        "better", "significant_positive", conversion_lift(1.33), segment="ios",
    ),
    Truth(
        "Did mobile paywall increase conversion on Android?", "mobile_paywall", "conversion_7d", "full_screen",
        "worse", "significant_negative", conversion_lift(0.65), segment="android",
    ),
    Truth(
        "Did loyalty tiers increase conversion?", "loyalty_tiers", "conversion_7d", "tiers",
        "inconclusive", "flat", conversion_lift(1.25), basis="always_valid",
    ),
]  # fmt: skip
BY_QUESTION = [pytest.param(truth, id=truth.question) for truth in TRUTH]


def evidence(demo: Demo, truth: Truth, population: str) -> Evidence:
    """The one piece of evidence that the answer rests on."""
    reply = demo.ask(truth.question, population)
    assert (reply.answer.status, reply.exit_code) == ("answered", 0), reply.answer.text
    (found,) = reply.answer.evidence
    assert (found.experiment_id, found.metric_id, found.variation_id, found.analysis_population) == (
        truth.experiment_id,
        truth.metric_id,
        truth.variation_id,
        population,
    )
    return found


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("truth", BY_QUESTION)
def test_the_answer_says_what_was_planted(demo: Demo, truth: Truth, population: str) -> None:
    found = evidence(demo, truth, population)
    assert (
        found.verdict,
        found.statsig,
        found.srm.status,
        found.basis,
        found.quality.flags,
        found.dimension_value,
    ) == truth.of(population)


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("truth", [pytest.param(t, id=t.question) for t in TRUTH if t.lift is not None])
def test_the_planted_effect_lies_within_the_interval(demo: Demo, truth: Truth, population: str) -> None:
    lift = evidence(demo, truth, population).lift
    planted = (truth.lift or 0.0) * (1.0 if population == "exposed" else EXPOSED_SHARE)
    assert lift.ci_low is not None
    assert lift.ci_high is not None
    assert lift.ci_low < planted < lift.ci_high


def test_opposite_effects_hide_behind_a_total_of_nothing(demo: Demo) -> None:
    by_platform = demo.ask("How did mobile paywall change conversion by platform?", "itt").answer.evidence
    assert {item.dimension_value: item.verdict for item in by_platform} == {"ios": "better", "android": "worse"}


def test_one_badge_of_three_wins(demo: Demo) -> None:
    found = demo.ask("Did price badges increase conversion?", "itt").answer.evidence
    assert {item.variation_id: item.verdict for item in found} == {
        "discount_badge": "inconclusive",
        "scarcity_badge": "inconclusive",
        "social_proof_badge": "better",
    }


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize(
    ("question", "decisions"),
    [
        ("Should we launch one-page checkout?", {"STRONG_LAUNCH"}),
        ("Should we launch free shipping threshold?", {"STRONG_LAUNCH"}),
        ("Should we launch search ranker v2?", {"NO_LAUNCH"}),
        ("Should we launch pinned leaderboard carousel?", {"INVALID"}),
        ("Should we launch new onboarding?", {"INVALID"}),
        ("Should we launch price badges?", {"STRONG_LAUNCH", "NO_LAUNCH"}),
        ("Should we launch express refunds?", {"NO_LAUNCH"}),
        ("Should we launch push cadence?", {"STRONG_LAUNCH"}),
        ("Should we launch the recommendations carousel?", {"INVALID"}),
        ("Should we launch checkout copy?", {"INVALID"}),
        ("Should we launch mobile paywall?", {"NO_LAUNCH"}),
        ("Should we launch loyalty tiers?", {"EXTEND_TEST"}),
        ("Should we launch demo 001?", {"EXTEND_TEST"}),
    ],
)
def test_the_decision_follows_the_truth(demo: Demo, question: str, decisions: set[str], population: str) -> None:
    reply = demo.ask(question, population)
    assert {item.decision for item in reply.answer.evidence} == decisions
    assert all(decision in reply.answer.text for decision in decisions)


def test_a_mismatch_leads_the_answer(demo: Demo) -> None:
    text = demo.ask("Did the pinned leaderboard carousel increase conversion?", "itt").answer.text
    assert text.splitlines()[0].startswith("Sample ratio mismatch")


@pytest.mark.parametrize("population", POPULATIONS)
def test_three_users_have_values_and_no_inference(demo: Demo, population: str) -> None:
    reply = demo.ask("Did demo 001 increase conversion?", population)
    (found,) = reply.answer.evidence
    control = {"itt": 2, "exposed": 1}[population]
    assert found.not_computable == f"needs 50 units per arm: control has {control}, treatment 1"
    assert found.not_computable in reply.answer.text
    assert (found.control.n, found.control.value) == (control, 0.0)
    assert (found.treatment.n, found.treatment.value) == (1, 1.0)
    assert {*found.difference.model_dump().values(), *found.lift.model_dump().values()} == {None}
    assert (found.p_value, found.chance_to_win, found.statsig) == (None, None, "insufficient_data")
    assert (found.srm.status, found.srm.p_value) == ("not_computable", None)
    assert found.quality.exposure_rate == pytest.approx(2 / 3)


def test_three_users_have_the_exact_exposure_rates(demo: Demo) -> None:
    reply = demo.ask("Is exposure logging healthy for demo 001?", "itt")
    place = {name: i for i, name in enumerate(reply.answer.table.columns)}
    found = {row[place["check"]]: row[place["value"]] for row in reply.answer.table.rows}
    rates = {str(name): round(float(value), 4) for name, value in found.items() if value is not None}
    assert {name: rate for name, rate in rates.items() if name.endswith("_rate")} == {
        "exposure_rate": 0.6667,
        "valid_exposure_rate": 0.6667,
        "mismatch_rate": 0.0,
        "pre_assignment_rate": 0.0,
        "multi_variation_rate": 0.0,
        "outside_window_rate": 0.0,
        "no_exposure_rate": 0.3333,
    }


def test_the_one_purchase_of_three_users_is_the_revenue(demo: Demo) -> None:
    (found,) = demo.ask("Did demo 001 increase revenue?", "itt").answer.evidence
    assert (found.control.value, found.treatment.value) == (0.0, 50.0)


@pytest.mark.parametrize(
    ("experiment_id", "rate", "first_day", "before", "after"),
    [
        pytest.param("new_onboarding", "exposure_rate", "2026-02-12", (0.92, 0.98), (0.58, 0.74), id="lost exposures"),
        pytest.param("recs_carousel", "mismatch_rate", "2026-02-14", (0, 0), (0.02, 0.06), id="mismatches"),
        pytest.param("recs_carousel", "multi_variation_rate", "2026-02-14", (0, 0), (0.035, 0.08), id="mixed arms"),
        pytest.param("checkout_copy", "pre_assignment_rate", "2026-02-09", (0, 0), (0.05, 0.11), id="early exposures"),
        pytest.param("checkout_copy", "outside_window_rate", "2026-02-13", (0, 0), (0.07, 0.13), id="late exposures"),
    ],
)
def test_a_failure_shows_in_its_rate_from_the_day_it_starts(
    demo: Demo,
    experiment_id: str,
    rate: str,
    first_day: str,
    before: tuple[float, float],
    after: tuple[float, float],
) -> None:
    days = rows_of(demo.call("experiment_health", experiment_id=experiment_id, daily=True))
    sound = [day[rate] for day in days if day["date_day"] < first_day]
    broken = [day[rate] for day in days if day["date_day"] >= first_day]
    assert len(sound) >= 8
    assert len(broken) >= 7
    assert before[0] <= min(sound) <= max(sound) <= before[1]
    assert after[0] <= min(broken) <= max(broken) <= after[1]


@pytest.mark.parametrize("experiment_id", ["one_page_checkout", "search_ranker_v2", "price_badges", "push_cadence"])
def test_where_nothing_failed_no_daily_rate_says_so(demo: Demo, experiment_id: str) -> None:
    days = rows_of(demo.call("experiment_health", experiment_id=experiment_id, daily=True))
    failures = ("mismatch_rate", "pre_assignment_rate", "multi_variation_rate", "outside_window_rate")
    assert {day[rate] for day in days for rate in failures} == {0.0}


def test_dirty_events_are_counted_and_left_out(demo: Demo) -> None:
    reply = demo.gateway.run_sql(
        "select sum(n_events) as n, sum(n_duplicates) as twice, sum(n_not_finite) as broken, sum(n_used) as used "
        "from fct_metric_event_quality_daily where event_name = 'purchase'",
        demo.caller(),
    )
    ((events, twice, broken, used),) = [[float(cell or 0) for cell in row] for row in reply.answer.table.rows]
    assert twice / events == pytest.approx(0.004, rel=0.25)
    assert broken / events == pytest.approx(0.002, rel=0.25)
    assert used == events - twice - broken


def test_what_the_seeds_say_of_caps_and_of_cuped_comes_back_out(demo: Demo) -> None:
    """seeds/README.md: one cap for both arms, a narrower interval, and the variance that the units' past takes away."""
    statement = """
        select experiment_id, metric_id, value_cap, ci_high - ci_low as width, cuped_variance_reduction, estimator
        from fct_experiment_results
        where analysis_population = 'itt' and dimension = 'all' and not_computable is null
    """
    rows = demo.call("run_sql", statement=statement).table.rows
    found: dict[tuple[Any, Any], list[Any]] = {(experiment, metric): row for experiment, metric, *row in rows}
    raw, capped = (found["one_page_checkout", f"revenue_per_user{end}"] for end in ("", "_w99"))
    assert (raw[0], capped[0]) == (None, 112.41)
    assert capped[1] / raw[1] == pytest.approx(0.87, abs=0.01)
    assert {key: row[3] for key, row in found.items() if row[3] != "unadjusted"} == {
        ("free_shipping_threshold", "revenue_per_user"): "cuped"
    }
    taken = {metric: [row[2] for (_, own), row in found.items() if own == metric] for _, metric in found}
    assert all(0.03 < share < 0.05 for share in taken["conversion_7d"])
    for metric in ("orders_per_user", "revenue_per_user", "sessions_per_user"):
        assert all(0.08 < share < 0.15 for share in taken[metric]), metric


def test_arms_that_lost_their_less_active_units_are_out_of_balance_before_the_start(demo: Demo) -> None:
    statement = """
        select distinct experiment_id from fct_experiment_results
        where analysis_population = 'itt' and dimension = 'all' and flags like '%covariate_imbalance%'
    """
    assert demo.call("run_sql", statement=statement).table.rows == [["pin_leaderboard_carousel"]]
