"""Drawings of an answer: effects with their intervals, an effect day by day, and the power of a plan.

Figures are made without pyplot, so nothing global is touched and no display is needed. Matplotlib loads with the first
figure. Names come from the database: they are drawn as text, never read as markup.
"""

from __future__ import annotations

import math
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gateway.answer import Evidence
from gateway.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

FORMATS: Final = (".png", ".svg", ".pdf")
MOST_ROWS: Final = 40
_VERDICTS: Final = {
    "better": ("#0072B2", "o", "better"),
    "worse": ("#D55E00", "s", "worse"),
    "inconclusive": ("#6B6B6B", "D", "inconclusive"),
    "unreliable": ("#CC79A7", "X", "unreliable: don't act on it"),
}
"""Colour, marker and words; told apart by the marker too. The colours are Okabe and Ito's."""
_BASES: Final = {
    "fixed": "fixed-horizon intervals (ended)",
    "always_valid": "always-valid intervals (still running)",
}
_INK, _QUIET, _RULE, _ALARM = "#222222", "#6B6B6B", "#D9D9D9", "#B00020"
_DPI = 150
_OUTLYING = 4.0
"""An interval this many times wider than the middle one is cut, with an arrow, so that the others stay readable."""

Label = Callable[[Evidence], str]


def require_charts(file: Path) -> None:
    """Raises UsageError where the file can't become a chart, before anything is asked."""
    if file.suffix.lower() not in FORMATS:
        raise UsageError(f"no chart is written as {file.suffix or 'a file without a suffix'!r}", hint="FILE.png")
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise UsageError(f"{file} can't be written: there is no such folder", hint="an existing folder")
    if find_spec("matplotlib") is None:
        raise UsageError(
            "charts are drawn by matplotlib, which is not installed here",
            hint="pip install 'experiment-gateway[charts]'",
        )


def save(figure: Figure, file: Path) -> None:
    """Write it in the format of the file's suffix."""
    with _boxes_for_letters():
        figure.savefig(file, dpi=_DPI)


@contextmanager
def _boxes_for_letters() -> Iterator[None]:
    """A letter that the font lacks becomes a box, without a complaint on stderr."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        yield


def shown(name: str, most: int = 72) -> str:
    """A name as one short line without characters that steer the reading."""
    kept = "".join(" " if char in "\t\n\r" else char for char in name if char in "\t\n\r" or _visible(char))
    return kept if len(kept) <= most else f"{kept[: most - 1]}…"


def _visible(char: str) -> bool:
    return not unicodedata.category(char).startswith("C") and unicodedata.category(char) not in ("Zl", "Zp")


def effects_figure(
    evidence: Sequence[Evidence], *, label: Label, title: str, under: str = "", level: float = 0.95
) -> Figure:
    """Relative lifts with the intervals that judge them, a row each, in the order of the answer."""
    rows = list(evidence[:MOST_ROWS])
    alarm = _alarm(rows)
    figure, axes = _canvas(8.6, 1.85 + 0.42 * len(rows) + (0.3 if alarm else 0.0))
    axes.axvline(0.0, color=_INK, linewidth=1.0, zorder=1)
    reach, bases = _reach(rows), sorted({item.basis for item in rows})
    named = [_named(axes, place, item, label) for place, item in enumerate(rows)]
    told = [_effect(axes, place, item, reach, mixed=len(bases) > 1) for place, item in enumerate(rows)]
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(-reach[0], reach[1])
    axes.set_yticks([])
    axes.xaxis.set_major_formatter(lambda value, _: _percent(value, signed=True))
    intervals = " and ".join(_BASES[basis] for basis in bases)
    axes.set_xlabel(f"Relative lift over control, {100 * level:g} % {intervals}", color=_INK, fontsize=9)
    left_out = len(evidence) - len(rows)
    note = f"{left_out} more in the evidence" if left_out else ""
    headings = _headings(figure, title, ", ".join(filter(None, (under, _populations(rows)))), alarm, note)
    _legend(figure, {item.verdict for item in rows if item.lift.ci_low is not None})
    left, right = _widest(figure, named) + 0.35, _widest(figure, told) + 0.3
    width = max(left + 4.6 + right, _widest(figure, headings) + 0.6)
    figure.set_size_inches(width, figure.get_size_inches()[1])
    _margins(figure, left=left, right=right, top=0.95 + (0.3 if alarm else 0.0), bottom=0.85)
    return figure


def _alarm(rows: Sequence[Evidence]) -> str:
    broken = sorted({item.experiment_id for item in rows if item.srm.status == "mismatch"})
    return f"SAMPLE RATIO MISMATCH in {', '.join(map(shown, broken))}: don't trust the effect" if broken else ""


def _widest(figure: Figure, texts: Sequence[Text]) -> float:
    """Width in inches of the widest text as it will be drawn."""
    with _boxes_for_letters():
        return max((text.get_window_extent().width / figure.dpi for text in texts), default=0.0)


def _populations(rows: Sequence[Evidence]) -> str:
    names = {"itt": "intention-to-treat", "exposed": "validly exposed units"}
    return " and ".join(names[name] for name in sorted({item.analysis_population for item in rows}, reverse=True))


def _named(axes: Axes, place: int, item: Evidence, label: Label) -> Text:
    return axes.text(
        -0.02, place, shown(label(item)), transform=axes.get_yaxis_transform(), ha="right", va="center", color=_INK,
        fontsize=9, parse_math=False,
    )  # fmt: skip


def _effect(axes: Axes, place: int, item: Evidence, reach: tuple[float, float], *, mixed: bool) -> Text:
    """One row: its interval, cut with an arrow where it is outlying, and the numbers beside it."""
    colour, marker, _ = _VERDICTS[item.verdict]
    value, low, high = item.lift.value, item.lift.ci_low, item.lift.ci_high
    if value is None or low is None or high is None:
        why = "not computable" if item.not_computable else "lift withheld: no bounded interval"
        return _beside(axes, place, why, _QUIET)
    ends = max(low, -reach[0]), min(high, reach[1])
    axes.plot(ends, (place, place), color=colour, linewidth=2.2, solid_capstyle="butt", zorder=2)
    for end, cut, arrow in ((ends[0], low < -reach[0], "<"), (ends[1], high > reach[1], ">")):
        axes.plot(end, place, marker=arrow if cut else "|", color=colour, markersize=8 if cut else 9, zorder=3)
    if -reach[0] <= value <= reach[1]:
        axes.plot(value, place, marker=marker, color=colour, markersize=7, markeredgecolor="white", zorder=4)
    told = f"{_percent(value, signed=True)}  [{_percent(low, signed=True)}, {_percent(high, signed=True)}]"
    return _beside(axes, place, f"{told}  running" if mixed and item.basis == "always_valid" else told, _INK)


def _beside(axes: Axes, place: int, text: str, colour: str) -> Text:
    across = axes.get_yaxis_transform()
    return axes.text(1.02, place, text, transform=across, ha="left", va="center", color=colour, fontsize=8)


def _reach(rows: Sequence[Evidence]) -> tuple[float, float]:
    """How far the axis goes to either side of zero: as far as the intervals, outlying ones cut."""
    ends = [(item.lift.ci_low, item.lift.ci_high) for item in rows]
    known = [(low, high) for low, high in ends if low is not None and high is not None]
    if not known:
        return 0.1, 0.1
    widths = sorted(max(abs(low), abs(high)) for low, high in known)
    most = _OUTLYING * widths[len(widths) // 2]
    most = math.inf if widths[-1] <= 1.5 * most else most
    below = max([min(-low, most) for low, _ in known] + [0.0])
    above = max([min(high, most) for _, high in known] + [0.0])
    room = 0.08 * (below + above) or 0.01
    return max(below, 0.15 * above) + room, max(above, 0.15 * below) + room


def trend_figure(
    rows: Sequence[Mapping[str, Any]], evidence: Sequence[Evidence], *, arms: Callable[[str], str], title: str,
    unit: str,
) -> Figure:  # fmt: skip
    """The cumulative difference at the end of each day with its always-valid band, a line per treatment."""
    alarm = _alarm(evidence)
    figure, axes = _canvas(8.6, 4.7 if alarm else 4.4)
    axes.axhline(0.0, color=_INK, linewidth=1.0, zorder=1)
    days = sorted({str(row["date_day"]) for row in rows})
    colours = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
    names = list(dict.fromkeys(str(row["variation_id"]) for row in rows))
    for place, name in enumerate(names):
        known = [row for row in rows if row["variation_id"] == name and row["difference"] is not None]
        at = [days.index(str(row["date_day"])) for row in known]
        colour, style = colours[place % len(colours)], ("-", "--", ":", "-.")[place % 4]
        low, high, value = ([row[key] for row in known] for key in ("ci_low", "ci_high", "difference"))
        axes.fill_between(at, low, high, color=colour, alpha=0.16, linewidth=0)
        (line,) = axes.plot(at, value, color=colour, linewidth=2, linestyle=style)
        line.set_label(_unread(shown(arms(name))))
    step = max(1, math.ceil(len(days) / 8))
    axes.set_xticks(range(0, len(days), step), [day[:10] for day in days[::step]], fontsize=8)
    axes.set_ylabel(f"Difference to control{f' ({unit})' if unit else ''}", color=_INK, fontsize=9)
    axes.set_xlim(-0.5, max(1, len(days) - 0.5))
    axes.grid(axis="y", color=_RULE, linewidth=0.8)
    if len(names) > 1:
        axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4, fontsize=8, frameon=False)
    whom = _populations(evidence)
    _headings(figure, title, f"{whom}, cumulative to the end of each day, always-valid 95 % bands", alarm, "")
    _margins(figure, left=0.95, right=0.3, top=1.1 + (0.3 if alarm else 0.0), bottom=0.5)
    return figure


def power_figure(rows: Sequence[Mapping[str, Any]], *, title: str, under: str = "", unit: str = "") -> Figure:
    """Power against size (days where traffic is known), or against the effect, with the plan's own point."""
    figure, axes = _canvas(8.0, 4.8 if under else 4.6)
    asked = next(row for row in rows if row["row"] == "asked")
    target = asked["power_wanted"]
    points = [row for row in rows if row["row"] == "curve" and row["power"] is not None]
    column, across = _across(asked, unit)
    axes.plot([row[column] for row in points], [row["power"] for row in points], color="#0072B2", linewidth=2.2)
    axes.axhline(target, color=_QUIET, linewidth=1.0, linestyle=(0, (4, 3)))
    axes.set_ylim(0.0, 1.02)
    if asked["power"] is not None and asked[column] is not None:
        axes.plot(asked[column], asked["power"], marker="o", color="#D55E00", markersize=9, zorder=4)
        axes.vlines(asked[column], 0.0, asked["power"], color="#D55E00", linewidth=1.0, linestyle=":")
        told = f"{_amount(asked[column], column)}: {_percent(asked['power'])} power"
        left = asked[column] > 0.7 * max([row[column] for row in points] or [1.0])
        axes.annotate(
            told, (asked[column], asked["power"]), xytext=(-10 if left else 10, -16), textcoords="offset points",
            ha="right" if left else "left", color=_INK, fontsize=9,
        )  # fmt: skip
    axes.text(
        0.01, target + 0.015, f"{_percent(target)} wanted", transform=axes.get_yaxis_transform(), color=_QUIET,
        fontsize=8,
    )  # fmt: skip
    axes.yaxis.set_major_formatter(lambda value, _: _percent(value))
    axes.xaxis.set_major_formatter(lambda value, _: _amount(value, column, short=True))
    axes.set_xlabel(across, color=_INK, fontsize=9)
    axes.set_ylabel("Power: chance to find the effect", color=_INK, fontsize=9)
    axes.grid(color=_RULE, linewidth=0.8)
    _headings(figure, title, under, "", "")
    _margins(figure, left=0.9, right=0.3, top=0.9 if under else 0.65, bottom=0.7)
    return figure


def _across(asked: Mapping[str, Any], unit: str) -> tuple[str, str]:
    """The column that the curve runs along, and what it is called."""
    if asked["solved_for"] != "effect":
        if asked["days"] is not None:
            return "days", "Days, the metric's window included"
        return "units", "Units over all arms"
    if asked["effect_relative"] is not None:
        return "effect_relative", "Relative lift over control"
    return "effect_absolute", f"Difference to control{f' ({unit})' if unit else ''}"


def _amount(value: float, column: str, *, short: bool = False) -> str:
    match column:
        case "days":
            return f"{value:,.0f}" if short else f"{value:,.0f} days"
        case "units":
            return f"{value:,.0f}" if short else f"{value:,.0f} units"
        case "effect_relative":
            return _percent(value, signed=True)
        case _:
            return f"{value:+.4g}"


def _canvas(width: float, height: float) -> tuple[Figure, Axes]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.tick_params(colors=_INK, labelsize=8)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(_QUIET)
    axes.set_axisbelow(True)
    return figure, axes


def _margins(figure: Figure, *, left: float, right: float, top: float, bottom: float) -> None:
    """Margins in inches, so that a chart with many rows is not given more of them."""
    width, height = figure.get_size_inches()
    figure.subplots_adjust(left=left / width, right=1 - right / width, top=1 - top / height, bottom=bottom / height)


def _headings(figure: Figure, title: str, under: str, alarm: str, note: str) -> list[Text]:
    height = float(figure.get_size_inches()[1])
    lines = [(alarm, _ALARM, 10, "bold"), (shown(title, 92), _INK, 12, "bold"), (under, _QUIET, 9, "normal")]
    told = [line for line in lines if line[0]]
    drawn = [
        figure.text(
            0.02, 1 - 0.28 * (place + 1) / height, text, color=colour, fontsize=size, fontweight=weight, va="center",
            parse_math=False,
        )
        for place, (text, colour, size, weight) in enumerate(told)
    ]  # fmt: skip
    if note:
        figure.text(0.98, 0.02, note, color=_QUIET, fontsize=8, ha="right", va="bottom")
    return drawn


def _legend(figure: Figure, verdicts: set[str]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=colour, marker=marker, linewidth=2.2, markersize=7, markeredgecolor="white", label=words)
        for verdict, (colour, marker, words) in _VERDICTS.items()
        if verdict in verdicts
    ]
    if not handles:
        return
    figure.legend(handles=handles, loc="lower left", ncols=len(handles), fontsize=8, frameon=False)


def _unread(name: str) -> str:
    """A legend's text is read as markup unless its dollars are escaped."""
    return name.replace("$", r"\$")


def _percent(value: float, *, signed: bool = False) -> str:
    scaled = 100 * value
    if abs(scaled) < 1e-9:
        return "0 %"
    digits = f"{scaled:,.0f}" if abs(scaled) >= 1000 else f"{scaled:.3g}"
    return f"{'+' if signed and scaled > 0 else ''}{digits} %"
