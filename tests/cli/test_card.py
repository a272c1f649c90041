"""The evidence card, whole: what a reader sees for one result, several, a broken one and one that can't be computed."""

from dataclasses import replace

from gateway.answer import ArmValue, Cuped, Estimate, Evidence, Quality, SrmStatus
from gateway.cli.card import MetricView, card, comparison, mismatches
from gateway.cli.paint import PLAIN_PAINT, Paint

WINNER = Evidence(
    experiment_id="one_page_checkout",
    metric_id="conversion_7d",
    variation_id="one_page",
    control_variation_id="control",
    analysis_population="itt",
    control=ArmValue(n=15_000, value=0.1),
    treatment=ArmValue(n=15_010, value=0.12),
    difference=Estimate(value=0.02, ci_low=0.013, ci_high=0.027),
    lift=Estimate(value=0.2, ci_low=0.127, ci_high=0.276),
    p_value=3e-8,
    p_value_adjusted=9e-8,
    chance_to_win=0.99999,
    statsig="significant_positive",
    verdict="better",
    srm=SrmStatus(status="ok", p_value=0.95),
    quality=Quality(exposure_rate=0.9, valid_exposure_rate=0.89, mature_share=1.0, flags=[]),
)
VIEW = MetricView("7-day conversion", proportion=True)

EXPECTED = """\
7-day conversion (conversion_7d) · one_page_checkout · itt · all units

  arm            n    value
  control   15,000  10.00 %
  one_page  15,010  12.00 %

  difference     +2.00 points   95 % interval +1.30 to +2.70 points
  relative lift  +20.00 %   95 % interval +12.70 to +27.60 %
  p-value        3.0e-08, 9.0e-08 corrected for the number of comparisons
  chance to win  > 99.99 %
  verdict        better than control
  class          significant positive
  basis          fixed horizon, for an experiment that has ended
  sample ratio   ok (p = 0.9500)
  exposure       90.00 % exposed, 89.00 % valid, 100.00 % mature"""


def test_card_shows_arms_effect_and_what_they_rest_on() -> None:
    assert card(WINNER, VIEW, PLAIN_PAINT) == EXPECTED


CUPED = Cuped(
    difference=Estimate(value=0.018, ci_low=0.012, ci_high=0.024),
    lift=Estimate(value=0.18, ci_low=0.12, ci_high=0.24),
    p_value=1e-9,
    variance_reduction=0.123,
    covariate_p_value=0.4,
)


def test_cuped_stands_beside_the_estimate_that_judges() -> None:
    lines = card(WINNER.model_copy(update={"cuped": CUPED}), VIEW, PLAIN_PAINT).splitlines()
    assert lines[6:8] == [
        "  difference     +2.00 points   95 % interval +1.30 to +2.70 points",
        "  relative lift  +20.00 %   95 % interval +12.70 to +27.60 %",
    ]
    assert lines[8] == "  CUPED          +1.80 points   95 % interval +1.20 to +2.40 points   (variance -12.3 %)"


def test_where_cuped_judges_the_card_says_that_its_effect_is_adjusted() -> None:
    item = WINNER.model_copy(update={"cuped": CUPED.model_copy(update={"judged": True})})
    assert "  CUPED          adjusted as the metric's definition asks   (variance -12.3 %)" in card(
        item, VIEW, PLAIN_PAINT
    )
    lines = comparison([item, WINNER], lambda _item: VIEW, PLAIN_PAINT).splitlines()
    assert lines[-1] == "conversion_7d, one_page: effect after CUPED, variance -12.3 %"


def test_among_several_treatments_the_chance_to_be_best_is_shown_with_its_cost() -> None:
    first = WINNER.model_copy(update={"chance_to_be_best": 0.9321, "expected_loss": 0.0004})
    second = WINNER.model_copy(
        update={"variation_id": "two_page", "chance_to_be_best": 0.0679, "expected_loss": 0.0131}
    )
    assert "  best of all    93.21 %, expected loss 0.040 points\n" in card(first, VIEW, PLAIN_PAINT)
    lines = comparison([first, second], lambda _item: VIEW, PLAIN_PAINT).splitlines()
    assert lines[1].split()[-5:] == ["chance", "best", "of", "all", "verdict"]
    assert [line.split()[-3:] for line in lines[4:6]] == [["93.21", "%", "better"], ["6.79", "%", "better"]]
    narrow = comparison([first, second], lambda _item: VIEW, PLAIN_PAINT, columns=80)
    assert "      chance to win > 99.99 %, to be the best of all 93.21 %: better" in narrow


def test_a_cost_far_below_the_value_is_not_spelt_out() -> None:
    item = WINNER.model_copy(update={"chance_to_be_best": 0.99999, "expected_loss": 1e-15})
    assert "  best of all    > 99.99 %, expected loss under 0.01 % of its value\n" in card(item, VIEW, PLAIN_PAINT)


def test_card_of_an_unknown_metric_keeps_plain_numbers() -> None:
    text = card(WINNER, MetricView(), PLAIN_PAINT)
    assert "control   15,000  0.1000" in text
    assert "difference     +0.02000   95 % interval +0.01300 to +0.02700" in text


def test_card_says_where_lower_is_better() -> None:
    assert "lower is better" in card(WINNER, MetricView(lower_is_better=True), PLAIN_PAINT).splitlines()[0]


def test_card_names_the_level_that_was_asked_for() -> None:
    assert "90 % interval" in card(WINNER, VIEW, PLAIN_PAINT, level=0.9)


def test_card_gives_the_reason_where_inference_is_not_computable() -> None:
    item = WINNER.model_copy(
        update={
            "not_computable": "needs 50 units per arm, got 20 and 21",
            "difference": Estimate(),
            "lift": Estimate(),
            "p_value": None,
            "p_value_adjusted": None,
            "chance_to_win": None,
            "verdict": "inconclusive",
        }
    )
    text = card(item, VIEW, PLAIN_PAINT)
    assert "  not computable  needs 50 units per arm, got 20 and 21\n" in text
    assert "difference" not in text
    assert "p-value         –\n" in text


def test_an_unbounded_lift_interval_is_said_not_left_out() -> None:
    item = WINNER.model_copy(update={"lift": Estimate(value=0.2)})
    assert "relative lift  +20.00 %   no bounded 95 % interval" in card(item, VIEW, PLAIN_PAINT)


def test_a_sample_ratio_mismatch_is_said_once_for_each_experiment_and_population() -> None:
    broken = WINNER.model_copy(update={"srm": SrmStatus(status="mismatch", p_value=1e-20), "verdict": "unreliable"})
    other = broken.model_copy(update={"metric_id": "revenue_per_user"})
    (sentence,) = mismatches([broken, other])
    assert sentence == (
        "SAMPLE RATIO MISMATCH in one_page_checkout (itt), p = 1.0e-20: the arms are not split as planned, "
        "so the effect below can't be trusted."
    )
    assert mismatches([WINNER]) == []


def test_several_arms_share_one_table_with_their_control() -> None:
    second = WINNER.model_copy(update={"variation_id": "two_page", "verdict": "inconclusive", "p_value": 0.4})
    lines = comparison([WINNER, second], lambda _item: VIEW, PLAIN_PAINT).splitlines()
    assert lines[0] == "7-day conversion (conversion_7d) · one_page_checkout · itt · all units"
    assert [line.split()[0] for line in lines[1:6]] == ["arm", "────────", "control", "one_page", "two_page"]
    assert "+2.00 pp [+1.30, +2.70]" in lines[4]
    assert lines[-1] == (
        "one_page_checkout (itt): sample ratio ok (p = 0.9500); 90.00 % exposed, 89.00 % valid, 100.00 % mature; "
        "fixed horizon, for an experiment that has ended"
    )


def test_a_narrow_terminal_gets_the_same_figures_on_more_lines() -> None:
    second = WINNER.model_copy(update={"variation_id": "two_page"})
    text = comparison([WINNER, second], lambda _item: VIEW, PLAIN_PAINT, columns=80)
    lines = text.splitlines()
    assert max(len(line) for line in lines[:-1]) <= 80
    assert "      difference +2.00 pp [+1.30, +2.70]   (95 % interval)" in lines
    assert text.count("+2.00 pp [+1.30, +2.70]") == 2
    assert text.count("chance to win > 99.99 %: better") == 2


def test_a_control_by_another_name_is_marked_as_control() -> None:
    item = WINNER.model_copy(update={"control_variation_id": "no_e_mail"})
    assert "  no_e_mail (control)  15,000  10.00 %" in card(item, VIEW, PLAIN_PAINT)


def test_names_from_the_database_cannot_reach_the_terminal_as_commands() -> None:
    item = WINNER.model_copy(update={"variation_id": "\x1b[2Jevil", "experiment_id": "a\x1b]0;b"})
    assert "\x1b" not in card(item, VIEW, PLAIN_PAINT)
    assert "\x1b" not in comparison([item, item], lambda _item: VIEW, PLAIN_PAINT)


def test_colour_changes_no_word() -> None:
    painted = card(WINNER, VIEW, Paint(on=True))
    assert painted.replace("\x1b[1m", "").replace("\x1b[32m", "").replace("\x1b[0m", "") == EXPECTED
    assert painted != EXPECTED


def test_paint_off_leaves_text_alone() -> None:
    assert replace(PLAIN_PAINT, on=False)("text", "bad") == "text"
