"""An answer as a notebook shows it: the evidence card as HTML, or as Markdown where there is no HTML.

Everything that came out of the database, a file or a model is text here: control characters never reach the page, and
no character of it is markup.
"""

import html as _html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from gateway.answer import Answer, Cell, Evidence, Table
from gateway.cli import figures
from gateway.cli.card import MetricView, mismatches
from gateway.cli.output import cell_text
from gateway.cli.plain import plain, plain_lines
from gateway.cli.views import level_of, looked, views_of

MAX_ROWS: Final = 50
"""Rows of a table that are shown; `to_rows()` has them all."""
_COLOURS: Final = {"better": "#1a7f37", "worse": "#b42318", "inconclusive": "#9a6700", "unreliable": "#b42318"}
_MARKS: Final = re.compile(r"[\\`*_\[\]|~$<>&]|^[-+#=]|(?<=^\d)[.)]")
"""What Markdown, or the HTML in it, could read as markup."""
_CELL: Final = "padding:2px 10px;text-align:"

Grid = tuple[list[str], list[list[str]]]


def as_html(answer: Answer, focus: Mapping[str, Any]) -> str:
    """The answer as one block of HTML with its styles in it."""
    parts = [*_head_html(answer)]
    for heading, grid, verdicts in evidence_grids(answer.evidence, focus):
        parts.append(f"<p><b>{_safe(heading)}</b></p>{_grid_html(grid, verdicts)}")
    parts += [f"<p>{_safe(line)}</p>" for line in looked(answer)]
    if answer.table.columns:
        parts.append(_grid_html(_table(answer.table)))
        parts += [f"<p><i>{_safe(note)}</i></p>" for note in _rest(answer.table)]
    parts += [f'<p style="color:{_COLOURS["inconclusive"]}">warning: {_safe(note)}</p>' for note in answer.warnings]
    parts += list(_foot_html(answer))
    return f'<div style="font-family:system-ui,sans-serif;line-height:1.4">{"".join(parts)}</div>'


def as_markdown(answer: Answer, focus: Mapping[str, Any]) -> str:
    """The same as Markdown."""
    blocks = [*_head_markdown(answer)]
    for heading, grid, _ in evidence_grids(answer.evidence, focus):
        blocks += [f"**{_mark(heading)}**", _grid_markdown(grid)]
    blocks += [_mark(line) for line in looked(answer)]
    if answer.table.columns:
        blocks += [_grid_markdown(_table(answer.table)), *(_mark(note) for note in _rest(answer.table))]
    blocks += [f"warning: {_mark(note)}" for note in answer.warnings]
    blocks += [f"{place}. {_mark(choice)}" for place, choice in enumerate(answer.choices, 1)]
    if answer.audit_id:
        blocks.append(f"audit: {_mark(answer.audit_id)}")
    return "\n\n".join(filter(None, blocks))


def evidence_grids(evidence: Sequence[Evidence], focus: Mapping[str, Any]) -> Iterator[tuple[str, Grid, list[str]]]:
    """For each metric, population and segment: its heading, a row for each arm, and the verdicts beside the rows."""
    views, level = views_of(focus), f"{100 * level_of(focus):g} %"
    for _, group in groupby(evidence, key=_kind):
        items = list(group)
        view = views(items[0])
        head = ["arm", "n", "value", f"difference [{level}]", f"lift [{level}]", "p", "chance to win", "verdict"]
        rows = [_arm(items[0].control_variation_id, items[0].control, view) + [""] * 5]
        rows += [_treatment(item, view) for item in items]
        yield _heading(items[0], view), (head, rows), ["", *(item.verdict for item in items)]


def _kind(item: Evidence) -> tuple[object, ...]:
    return (item.experiment_id, item.metric_id, item.analysis_population, item.dimension, item.dimension_value,
            item.control_variation_id)  # fmt: skip


def _heading(item: Evidence, view: MetricView) -> str:
    metric = f"{view.label} ({item.metric_id})" if view.label else item.metric_id
    segment = f"{item.dimension} = {item.dimension_value}" if item.dimension else "all units"
    better = ", lower is better" if view.lower_is_better else ""
    return f"{metric}{better} · {item.experiment_id} · {item.analysis_population} · {segment}"


def _arm(name: str, arm: Any, view: MetricView) -> list[str]:
    return [name, figures.count(arm.n), figures.percent(arm.value) if view.proportion else figures.number(arm.value)]


def _treatment(item: Evidence, view: MetricView) -> list[str]:
    scale = figures.POINTS if view.proportion else figures.PLAIN
    verdict = item.verdict if item.not_computable is None else f"{item.verdict}: {item.not_computable}"
    return [
        *_arm(item.variation_id, item.treatment, view),
        _interval(item.difference, scale),
        _interval(item.lift, figures.RELATIVE),
        figures.p_value(item.p_value),
        figures.chance(item.chance_to_win),
        verdict if item.decision is None else f"{verdict}, {item.decision}",
    ]


def _interval(estimate: Any, scale: figures.Scale) -> str:
    if estimate.value is None or None in (estimate.ci_low, estimate.ci_high):
        return scale.short(estimate.value)
    return f"{scale.short(estimate.value)} [{scale.digits(estimate.ci_low)}, {scale.digits(estimate.ci_high)}]"


def _table(table: Table) -> Grid:
    return table.columns, [[_cell(cell) for cell in row] for row in table.rows[:MAX_ROWS]]


def _cell(cell: Cell) -> str:
    return cell_text(cell)


def _rest(table: Table) -> Iterator[str]:
    if len(table.rows) > MAX_ROWS:
        yield f"the first {MAX_ROWS} of {len(table.rows):,} rows; to_rows() has them all"
    if table.truncated:
        yield f"cut at {table.limit or len(table.rows):,} rows, the limit of the {table.limit_source or 'role'}"


def _reasons(answer: Answer) -> Iterator[str]:
    """Why it was refused, or what was wrong with the request."""
    refused = [reason for query in answer.queries for reason in query.violations]
    for reason in refused or answer.problems:
        place = f" at {reason.line}:{reason.column}" if reason.line else ""
        hint = f" ({reason.hint})" if reason.hint else ""
        yield f"{reason.rule}{place}: {reason.message}{hint}"


def _understood(answer: Answer) -> str:
    return f"understood: {answer.interpretation}" if answer.interpretation else ""


# HTML


def _safe(text: str) -> str:
    """Text as HTML: its own line breaks and nothing else of it is markup."""
    return _html.escape(plain_lines(text)).replace("\n", "<br>")


def _head_html(answer: Answer) -> Iterator[str]:
    for line in mismatches(answer.evidence):
        yield f'<p style="color:{_COLOURS["unreliable"]}"><b>{_safe(line)}</b></p>'
    if answer.interpretation:
        yield f'<p style="opacity:0.7">{_safe(_understood(answer))}</p>'
    reasons = list(_reasons(answer)) if answer.status in ("blocked", "error") else []
    if answer.status != "answered":
        yield f"<p><b>{_safe(_STATUS[answer.status])}</b></p>"
    if reasons:
        yield f"<ul>{''.join(f'<li>{_safe(reason)}</li>' for reason in reasons)}</ul>"
    else:
        yield f"<p>{_safe(answer.text)}</p>"


_STATUS: Final = {"blocked": "Refused", "clarify": "Please choose", "error": "Not answered"}


def _foot_html(answer: Answer) -> Iterator[str]:
    if answer.choices:
        yield f"<ol>{''.join(f'<li>{_safe(choice)}</li>' for choice in answer.choices)}</ol>"
    approved = [query.approved for query in answer.queries if query.approved]
    if approved:
        statements = "".join(f"<pre>{_safe(sql)};</pre>" for sql in approved)
        yield f"<details><summary>SQL that ran</summary>{statements}</details>"
    if answer.audit_id:
        yield f'<p style="opacity:0.7">audit: {_safe(answer.audit_id)}</p>'


def _grid_html(grid: Grid, verdicts: Sequence[str] = ()) -> str:
    columns, rows = grid
    sides = [_side(row[place] for row in rows) for place in range(len(columns))]
    head = "".join(f'<th style="{_CELL}{side}">{_safe(name)}</th>' for name, side in zip(columns, sides, strict=True))
    body = []
    for place, row in enumerate(rows):
        cells = [f'<td style="{_CELL}{side}">{_safe(cell)}</td>' for cell, side in zip(row, sides, strict=True)]
        colour = _COLOURS.get(verdicts[place]) if place < len(verdicts) else None
        if colour:
            cells[-1] = cells[-1].replace('style="', f'style="color:{colour};', 1)
        body.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def _side(cells: Iterable[str]) -> str:
    """Numbers stand right."""
    known = [cell for cell in cells if cell not in ("", figures.MISSING)]
    return "right" if known and all(cell[0] in "+-<>0123456789" for cell in known) else "left"


# Markdown


def _mark(text: str) -> str:
    """Text as Markdown, on one line, with nothing of it markup."""
    return _MARKS.sub(r"\\\g<0>", plain(text).strip())


def _head_markdown(answer: Answer) -> Iterator[str]:
    yield from (f"**{_mark(line)}**" for line in mismatches(answer.evidence))
    yield _mark(_understood(answer))
    if answer.status != "answered":
        yield f"**{_STATUS[answer.status]}**"
    reasons = list(_reasons(answer)) if answer.status in ("blocked", "error") else []
    yield "\n".join(f"- {_mark(reason)}" for reason in reasons)
    if not reasons:
        yield "\n\n".join(_mark(line) for line in answer.text.splitlines())


def _grid_markdown(grid: Grid) -> str:
    columns, rows = grid
    lines = [columns, ["---"] * len(columns), *rows]
    marked = [[cell if place == 1 else _mark(cell) for cell in line] for place, line in enumerate(lines)]
    return "\n".join(f"| {' | '.join(line)} |" for line in marked)
