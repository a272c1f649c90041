"""A ranking as its reader sees it: one table, a line for each place, and one for what has none."""

from gateway.answer import Answer, Table
from gateway.cli.card import MetricView
from gateway.cli.ranking import ranking, unranked
from tests.cli.test_card import WINNER

COLUMNS = ["rank", "experiment_id", "variation_id", "metric_id", "lift", "verdict"]
SECOND = WINNER.model_copy(update={"experiment_id": "price_badges", "verdict": "inconclusive"})
BROKEN = WINNER.model_copy(
    update={"experiment_id": "pinned", "srm": WINNER.srm.model_copy(update={"status": "mismatch", "p_value": 1e-9})}
)


def answer(*ranks: int | None) -> Answer:
    evidence = [WINNER, SECOND, BROKEN]
    rows = [
        [rank, item.experiment_id, item.variation_id, item.metric_id, 0.2, item.verdict]
        for rank, item in zip(ranks, evidence, strict=True)
    ]
    return Answer(status="answered", evidence=evidence, table=Table(columns=COLUMNS, rows=rows))


def test_each_place_is_a_line_and_what_has_none_is_left_to_the_text() -> None:
    shown = ranking(answer(1, 2, None), lambda _: MetricView("7-day conversion", proportion=True))
    assert shown.splitlines() == [
        "  #  experiment         arm            n  control    value        difference [95 %]        p  verdict",
        "  ─  ─────────────────  ────────  ──────  ───────  ───────  ───────────────────────  ───────  ────────────",
        "  1  one_page_checkout  one_page  15,010  10.00 %  12.00 %  +2.00 pp [+1.30, +2.70]  3.0e-08  better",
        "  2  price_badges       one_page  15,010  10.00 %  12.00 %  +2.00 pp [+1.30, +2.70]  3.0e-08  inconclusive",
    ]


def test_without_a_place_there_is_no_table() -> None:
    assert ranking(answer(None, None, None), lambda _: MetricView()) == ""


def test_broken_splits_are_one_line_however_many() -> None:
    many = [BROKEN.model_copy(update={"experiment_id": f"broken_{place}"}) for place in range(12)]
    assert unranked([WINNER, *many]).startswith("SAMPLE RATIO MISMATCH in 12 experiments:")
    assert unranked([WINNER, BROKEN]).startswith("SAMPLE RATIO MISMATCH in pinned:")
    assert unranked([WINNER]) == ""
