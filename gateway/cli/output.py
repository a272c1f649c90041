"""What goes to stdout: tables, statements and JSON, in the format that was asked for."""

import json
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from gateway.cli.figures import MISSING, number
from gateway.cli.plain import json_plain, plain, width

Cell = str | int | float | bool | None


class Format(StrEnum):
    """How a table is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


def emit(text: str) -> None:
    """Write data, ending in exactly one line break."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


def emit_json(value: Any) -> None:
    """Write any JSON-ready value, indented."""
    emit(json_plain(json.dumps(value, indent=2, ensure_ascii=False, default=str)))


def show_table(columns: Sequence[str], rows: Sequence[Sequence[Cell]], fmt: Format = Format.TABLE) -> str:
    """A table in one of the text formats."""
    if fmt is Format.CSV:
        return _csv(columns, rows)
    if fmt is Format.MARKDOWN:
        return _markdown(columns, rows)
    cells = [[cell_text(cell) for cell in row] for row in rows]
    numeric = [_is_numeric(row[place] for row in rows) for place in range(len(columns))]
    return aligned([[plain(name) for name in columns], *cells], right=numeric, rule=True)


def aligned(lines: Sequence[Sequence[str]], *, right: Sequence[bool] = (), rule: bool = False, indent: str = "") -> str:
    """Columns padded to their widest cell; `right` marks those that align right, `rule` underlines the first line."""
    widths = [max(width(line[place]) for line in lines) for place in range(len(lines[0]))]
    to_right = [*right, *([False] * (len(widths) - len(right)))]
    out = [indent + _padded(line, widths, to_right) for line in lines]
    if rule:
        out.insert(1, indent + "  ".join("─" * size for size in widths))
    return "\n".join(out)


def cell_text(cell: Cell) -> str:
    """One cell for reading: floats to four significant digits, absent values as a dash."""
    if cell is None:
        return MISSING
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return number(cell)
    return plain(str(cell))


def _padded(line: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    cells = []
    for text, size, to_right in zip(line, widths, right, strict=True):
        gap = " " * (size - width(text))
        cells.append(gap + text if to_right else text + gap)
    return "  ".join(cells).rstrip()


def _is_numeric(cells: Iterable[Cell]) -> bool:
    present = [cell for cell in cells if cell is not None]
    return bool(present) and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in present)


def _csv(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return buffer.getvalue()


def _markdown(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    lines = [columns, ["---"] * len(columns), *[["" if cell is None else str(cell) for cell in row] for row in rows]]
    escaped = [[plain(text).replace("\\", "\\\\").replace("|", "\\|") for text in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in escaped)
