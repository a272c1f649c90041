"""Charts hold the answer's own numbers and names: read off the figures, and off the files that they become."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from gateway.answer import ArmValue, Estimate, Evidence, SrmStatus
from gateway.cli.charting import draw
from gateway.errors import UsageError
from gateway.experiments import charts
from gateway.tools.planning import PlanArguments, plan
from gateway.tools.planning_grid import COLUMNS
from tests.conftest import Demo, rows_of


def item(arm: str = "new", low: float = 0.05, high: float = 0.15, **more: Any) -> Evidence:
    lift = Estimate(value=(low + high) / 2, ci_low=low, ci_high=high)
    given: dict[str, Any] = {
        "experiment_id": "shop", "metric_id": "sales", "variation_id": arm, "control_variation_id": "old",
        "analysis_population": "itt", "lift": lift, "control": ArmValue(n=9, value=1.0), "verdict": "better",
    }  # fmt: skip
    return Evidence(**(given | more))


def drawn(*items: Evidence, title: str = "Shop") -> Figure:
    return charts.effects_figure(items, label=lambda one: one.variation_id, title=title, under="against old")


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in (*figure.texts, *figure.axes[0].texts)]


def intervals(figure: Figure) -> list[tuple[float, float]]:
    """Each horizontal line of the plot, from end to end."""
    lines = [line for line in figure.axes[0].lines if len(np.unique(line.get_ydata())) == 1]
    return [tuple(np.asarray(line.get_xdata(), float)) for line in lines if len(np.asarray(line.get_xdata())) == 2]


def test_each_row_is_the_interval_of_its_evidence_in_order() -> None:
    figure = drawn(item("a", -0.02, 0.1, verdict="inconclusive"), item("b", 0.1, 0.3))
    assert intervals(figure) == [(-0.02, 0.1), (0.1, 0.3)]
    told = texts(figure)
    assert told.index("a") < told.index("b")
    assert "+4 %  [-2 %, +10 %]" in told
    assert figure.axes[0].get_ylim()[0] > figure.axes[0].get_ylim()[1], "the first row is on top"


def test_the_zero_line_is_inside_whatever_the_effects() -> None:
    for low, high in ((0.2, 0.3), (-0.3, -0.2), (-1e-6, 1e-6)):
        left, right = drawn(item(low=low, high=high)).axes[0].get_xlim()
        assert left < 0 < right
        assert left <= low < high <= right


@pytest.mark.parametrize(
    ("bases", "said"),
    [
        (("fixed",), "fixed-horizon intervals (ended)"),
        (("always_valid",), "always-valid intervals (still running)"),
        (("fixed", "always_valid"), "always-valid intervals (still running) and fixed-horizon intervals (ended)"),
    ],
)
def test_the_axis_says_which_intervals_these_are(bases: tuple[str, ...], said: str) -> None:
    figure = drawn(*(item(str(place), basis=basis) for place, basis in enumerate(bases)))
    assert figure.axes[0].get_xlabel() == f"Relative lift over control, 95 % {said}"
    assert sum(text.endswith("running") for text in texts(figure)) == (1 if len(bases) == 2 else 0)


def test_verdicts_are_told_apart_by_more_than_colour() -> None:
    verdicts = ("better", "worse", "inconclusive", "unreliable")
    figure = drawn(*(item(name, verdict=name) for name in verdicts))
    (legend,) = figure.legends
    assert len({str(line.get_marker()) for line in legend.get_lines()}) == 4
    assert len({str(line.get_color()) for line in legend.get_lines()}) == 4


def test_a_mismatch_leads_the_chart() -> None:
    broken = SrmStatus(status="mismatch", p_value=1e-9)
    figure = drawn(item(srm=broken, verdict="unreliable"))
    assert figure.texts[0].get_text() == "SAMPLE RATIO MISMATCH in shop: don't trust the effect"
    assert all("MISMATCH" not in text for text in texts(drawn(item())))


def test_an_effect_without_an_interval_says_so_instead_of_a_line() -> None:
    figure = drawn(item("none", lift=Estimate(), not_computable="needs 50 units"), item("withheld", lift=Estimate()))
    assert intervals(figure) == []
    assert {"not computable", "lift withheld: no bounded interval"} <= set(texts(figure))


def test_one_outlying_interval_is_cut_and_leaves_the_others_readable() -> None:
    figure = drawn(item("a"), item("b"), item("wild", -0.5, 90.0))
    right = figure.axes[0].get_xlim()[1]
    assert right < 1.0
    assert ">" in {str(line.get_marker()) for line in figure.axes[0].lines}
    assert any("+9,000 %" in text for text in texts(figure)), "the numbers beside it are whole"


def test_rows_beyond_a_page_are_counted() -> None:
    figure = drawn(*(item(str(place)) for place in range(charts.MOST_ROWS + 5)))
    assert len(intervals(figure)) == charts.MOST_ROWS
    assert "5 more in the evidence" in texts(figure)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(r"$\frac{1}{0}$ $x", id="mathematics"),
        pytest.param("\x1b[2J\x07\u202egnp.exe\x00", id="control characters"),
        pytest.param("注文 🛒 " + "w" * 300, id="long, and letters that the font lacks"),
        pytest.param("% {} \\ _ ^ & # ~", id="markup"),
    ],
)
def test_names_are_drawn_as_text_whatever_they_are(name: str, tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    figure = drawn(item(name), title=name)
    rows = [{"date_day": "2026-02-01", "variation_id": arm, "difference": 1.0, "ci_low": 0.0, "ci_high": 2.0}
            for arm in (name, "b")]  # fmt: skip
    for suffix, made in (
        (".png", figure),
        (".svg", charts.trend_figure(rows, [item()], arms=str, title=name, unit="$")),
    ):
        charts.save(made, tmp_path / f"chart{suffix}")
        assert (tmp_path / f"chart{suffix}").stat().st_size > 1_000
    assert not any(char in text for text in texts(figure) for char in "\x1b\x07\x00\u202e")
    assert [str(warning.message) for warning in recwarn] == []


def test_nothing_overlaps_and_nothing_is_cut_off(demo: Demo) -> None:
    found = demo.call("rank_experiments", population="itt").evidence
    figure = charts.effects_figure(
        found, label=lambda one: f"{one.experiment_id} · {one.metric_id} · {one.variation_id}", title="All"
    )
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in (*figure.texts, *figure.axes[0].texts) if text.get_text()]
    page = figure.bbox
    for place, box in enumerate(boxes):
        assert page.x0 <= box.x0 < box.x1 <= page.x1
        assert page.y0 <= box.y0 < box.y1 <= page.y1
        assert not any(box.overlaps(other) for other in boxes[place + 1 :])


def test_the_png_holds_the_colours_of_its_verdicts(tmp_path: Path) -> None:
    charts.save(drawn(item(verdict="better"), item("b", -0.3, -0.2, verdict="worse")), tmp_path / "a.png")
    pixels = (imread(tmp_path / "a.png")[..., :3] * 255).round().astype(int).reshape(-1, 3)
    seen = {"#{:02X}{:02X}{:02X}".format(*pixel) for pixel in np.unique(pixels, axis=0).tolist()}
    assert {"#0072B2", "#D55E00", "#FFFFFF"} <= seen


def test_a_power_curve_is_the_plans_own_points() -> None:
    rows = rows_of(plan(PlanArguments(baseline=0.05, effect=0.1, daily_units=1_000.0, curve=True)))
    figure = charts.power_figure(rows, title="Power")
    curve = [row for row in rows if row["row"] == "curve"]
    line, target, point = figure.axes[0].lines[:3]
    assert np.asarray(line.get_xdata()).tolist() == [row["days"] for row in curve]
    assert np.asarray(line.get_ydata()).tolist() == [row["power"] for row in curve]
    assert np.asarray(target.get_ydata()).tolist() == [0.8, 0.8]
    assert np.asarray(point.get_xdata()).tolist() == [rows[0]["days"]]
    assert figure.axes[0].get_xlabel() == "Days, the metric's window included"


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Did one-page checkout increase conversion?", "Relative lift over control"),
        ("how did price badges do", "Relative lift over control"),
        ("How did mobile paywall do by country?", "Relative lift over control"),
        ("what effect could loyalty tiers detect?", "Relative lift over control"),
        ("how long should loyalty tiers run to detect 5%?", "Days"),
        ("effect of price badges on conversion over time", ""),
    ],
)
def test_each_kind_of_answer_has_its_chart(
    demo: Demo, question: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Figure] = []
    monkeypatch.setattr(charts, "save", lambda figure, _: made.append(figure))
    reply = demo.ask(question, "itt")
    assert draw(reply.answer, reply.focus, tmp_path / "a.png")
    assert made[0].axes[0].get_xlabel().startswith(kind)


def test_the_trend_shows_points_for_a_share(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Figure] = []
    monkeypatch.setattr(charts, "save", lambda figure, _: made.append(figure))
    reply = demo.ask("effect of one page checkout on conversion over time", "itt")
    assert draw(reply.answer, reply.focus, tmp_path / "a.png")
    shown = [np.asarray(line.get_ydata()).tolist() for line in made[0].axes[0].lines]
    column = reply.answer.table.columns.index("difference")
    due = [row[column] for row in reply.answer.table.rows]
    assert max(shown, key=len) == pytest.approx([100 * value for value in due if isinstance(value, float)])
    assert made[0].axes[0].get_ylabel() == "Difference to control (percentage points)"


def test_an_answer_without_effects_has_no_chart(demo: Demo, tmp_path: Path) -> None:
    reply = demo.ask("what is running")
    assert not draw(reply.answer, reply.focus, tmp_path / "a.png")
    assert not (tmp_path / "a.png").exists()


def test_without_matplotlib_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(charts, "find_spec", {}.get)
    with pytest.raises(UsageError) as raised:
        charts.require_charts(tmp_path / "a.png")
    assert raised.value.hint == "pip install 'experiment-gateway[charts]'"


def test_drawing_touches_nothing_global() -> None:
    before = dict(mpl.rcParams)
    drawn(item())
    assert dict(mpl.rcParams) == before


def test_the_columns_of_a_plan_are_those_the_chart_reads() -> None:
    assert {"row", "solved_for", "days", "units", "power", "power_wanted", "effect_relative"} <= set(COLUMNS)
