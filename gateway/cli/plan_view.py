"""A plan as text: its sentences, the scenarios around it as a table, and the curve of its power."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from gateway.cli import figures
from gateway.cli.output import Format, aligned, show_table

Row = Mapping[str, Any]
_WIDTH: Final = 60
_HEIGHT: Final = 11
_TITLES: Final = {
    "units": "units over all arms, by the effect to find and the power",
    "effect": "smallest effect found, by the size and the power",
    "power": "power, by the effect and the size",
}


def scenarios(rows: Sequence[Row], fmt: Format) -> str:
    """The table around the answer: one cell for each pair of what was varied. The answer's own line is marked."""
    asked, told = rows[0], [row for row in rows if row["row"] == "scenario"]
    if not told:
        return ""
    down, across = _axes(asked)
    columns = list(dict.fromkeys(across(row) for row in told))
    lines: dict[str, dict[str, str]] = {}
    for row in told:
        lines.setdefault(down(row), {})[across(row)] = _cell(row)
    heads = {"units": "effect", "effect": _size_head(asked), "power": "effect"}
    head = [heads[asked["solved_for"]], *columns]
    body = [[name, *(cells.get(column, "") for column in columns)] for name, cells in lines.items()]
    if fmt is Format.MARKDOWN:
        return show_table(head, body, fmt)
    mine = down(asked)
    marked = [[*line, "← asked" if line[0] == mine else ""] for line in body]
    table = aligned([[*head, ""], *marked], right=[True] * len(head), indent="  ")
    return f"{_TITLES[asked['solved_for']]}\n\n{table}"


def tidy(rows: Sequence[Row], columns: Sequence[str], fmt: Format) -> str:
    """Every row with every column, for another program to read."""
    kept = [row for row in rows if row["row"] != "curve"]
    return show_table(columns, [[row[name] for name in columns] for row in kept], fmt)


def _axes(asked: Row) -> Any:
    """What runs down and what runs across, as the cells' names."""
    match asked["solved_for"]:
        case "units":
            return _effect, _power_wanted
        case "effect":
            return _size, _power_wanted
        case _:
            return _effect, _size


def _effect(row: Row) -> str:
    if row["effect_relative"] is not None:
        return f"{_signed(row['effect_relative'])} %"
    if row["effect_absolute"] is None:
        return figures.MISSING
    return figures.number(row["effect_absolute"], signed=True)


def _signed(share: float) -> str:
    return f"{100 * share:+.4g}" if share else "0"


def _power_wanted(row: Row) -> str:
    return f"{100 * row['power_wanted']:.4g} %"


def _size(row: Row) -> str:
    if row["units"] is None:
        return figures.MISSING
    return f"{row['units']:,}" if row["days"] is None else f"{row['units']:,} ({row['days']:,} d)"


def _size_head(asked: Row) -> str:
    return "units" if asked["days"] is None else "units (days)"


def _cell(row: Row) -> str:
    match row["solved_for"]:
        case "units":
            return _size(row)
        case "effect":
            return _effect(row)
        case _:
            return figures.MISSING if row["power"] is None else _chance(row["power"])


def _chance(power: float) -> str:
    return "> 99.9 %" if power > 0.9995 else f"{100 * power:.1f} %"


def curve(rows: Sequence[Row]) -> str:
    """The curve of power in characters, with the plan's own point; empty where the plan has none."""
    points = [row for row in rows if row["row"] == "curve" and row["power"] is not None]
    column, name = _along(rows[0])
    if len(points) < 2 or any(row[column] is None for row in points):
        return ""
    xs, ys = [float(row[column]) for row in points], [float(row["power"]) for row in points]
    grid = [[" "] * _WIDTH for _ in range(_HEIGHT)]
    low, high = min(xs), max(xs)
    if not high > low:
        return ""
    before: int | None = None
    for place in range(_WIDTH):
        line = _line(_between(xs, ys, low + (high - low) * place / (_WIDTH - 1)))
        for filled in range(min(line, before or line), max(line, before or line) + 1):
            if filled in (line,) or abs(filled - line) < abs((before or line) - line):
                grid[filled][place] = "•"
        before = line
    asked = rows[0]
    if asked[column] is not None and asked["power"] is not None and low <= asked[column] <= high:
        grid[_line(asked["power"])][round((asked[column] - low) / (high - low) * (_WIDTH - 1))] = "◆"
    drawn = [f"{_tick(line)} ┤{''.join(cells).rstrip()}" for line, cells in enumerate(grid)]
    ends = f"{_named(low, column)}{_named(high, column).rjust(_WIDTH - len(_named(low, column)))}"
    return "\n".join([f"power by {name}", "", *drawn, f"{' ' * 6}└{'─' * _WIDTH}", f"{' ' * 7}{ends}"])


def _along(asked: Row) -> tuple[str, str]:
    if asked["solved_for"] == "effect":
        return ("effect_relative", "effect") if asked["effect_relative"] is not None else ("effect_absolute", "effect")
    return ("days", "days") if asked["days"] is not None else ("units", "units over all arms")


def _line(power: float) -> int:
    return round((1.0 - max(0.0, min(1.0, power))) * (_HEIGHT - 1))


def _tick(line: int) -> str:
    return f"{100 * (1 - line / (_HEIGHT - 1)):3.0f} %" if line % 2 == 0 else " " * 5


def _between(xs: Sequence[float], ys: Sequence[float], at: float) -> float:
    """Power between two points of the curve, which run along in order."""
    order = sorted(zip(xs, ys, strict=True))
    for (left, low), (right, high) in pairwise(order):
        if at <= right:
            return high if right == left else low + (high - low) * (at - left) / (right - left)
    return order[-1][1]


def _named(value: float, column: str) -> str:
    if column == "effect_relative":
        return f"{_signed(value)} %"
    return f"{value:,.0f}" if column in ("days", "units") else figures.number(value, signed=True)
