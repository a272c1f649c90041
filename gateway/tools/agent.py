"""An answer as an agent gets it, whichever door it came through: plain JSON within the space that an agent has.

It is the wire shape of `gateway.answer`, nothing renamed and nothing left out. What a reader of JSON would get wrong is
put right (NaN is null, an integer that a double cannot hold is a text), and a long table is cut, which the table says.
"""

from functools import cache
from typing import Any, Final

from gateway.answer import Answer, QueryInfo, Table
from gateway.tools.base import Tool
from gateway.tools.permission import hints

MAX_ROWS: Final = 200
MAX_CHARACTERS: Final = 24_000
"""Of the rows of one table, about 8,000 tokens."""
MAX_CELL: Final = 2_000
"""Characters of one cell."""
EXACT: Final = 2**53
"""Beyond it, neighbouring integers are one number to a reader that knows doubles only."""
_CUT: Final = "…"


def agent_payload(answer: Answer) -> dict[str, Any]:
    """The answer as JSON-ready values: every key of the wire shape, no NaN, no integer that a double cannot hold.

    At most MAX_ROWS rows and MAX_CHARACTERS of them; `table.row_count` says how many there are, and `limit_source` is
    then `agent`. An approved statement is told once, as it ran; what was refused, as it was proposed.
    """
    answer = answer.model_copy(update={"queries": [_once(query) for query in answer.queries]})
    shown = _within(answer.table)
    if shown is not answer.table:
        answer = answer.model_copy(update={"table": shown, "warnings": [*answer.warnings, _cut_warning(shown)]})
    payload: dict[str, Any] = _exact(answer.model_dump(mode="json"))
    return payload


def is_error(answer: Answer) -> bool:
    """Whether the call did not give what was asked for: refused, wrong, or failed. A question back is none of these."""
    return answer.status in ("blocked", "error")


def annotations(tool: Tool[Any]) -> dict[str, Any]:
    """The tool's title, and the hints that follow from what its context lets it do."""
    return {"title": tool.title, **hints(tool.may)}


@cache
def output_schema() -> dict[str, Any]:
    """JSON Schema of every payload: two levels of it, since agents are sent it for each tool. Do not change it."""
    schema = Answer.model_json_schema(mode="serialization")
    outline = _outline(schema, schema.pop("$defs"), depth=2)
    return {**outline, "required": list(outline["properties"])}


def _once(query: QueryInfo) -> QueryInfo:
    return query.model_copy(update={"proposed": ""}) if query.approved else query


def _within(table: Table) -> Table:
    """The table, or as much of it from the top as an agent has room for."""
    rows: list[list[Any]] = []
    room = MAX_CHARACTERS
    for row in table.rows[:MAX_ROWS]:
        cells = [_short(cell) for cell in row]
        room -= sum(len(str(cell)) + 3 for cell in cells)
        if room < 0 and rows:
            break
        rows.append(cells)
    if rows == table.rows:
        return table
    if len(rows) == len(table.rows):  # all of them, some with a cell cut
        return table.model_copy(update={"rows": rows})
    cut = {"rows": rows, "truncated": True, "limit": len(rows), "limit_source": "agent"}
    return table.model_copy(update=cut)


def _short(cell: Any) -> Any:
    return cell[:MAX_CELL] + _CUT if isinstance(cell, str) and len(cell) > MAX_CELL else cell


def _cut_warning(table: Table) -> str:
    if table.limit_source != "agent":
        return f"texts longer than {MAX_CELL:,} characters are cut, and end in {_CUT}"
    return f"the first {len(table.rows):,} of {table.row_count:,} rows are shown here: filter, aggregate, or page"


def _exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _exact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_exact(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > EXACT:
        return str(value)
    return value


def _outline(schema: dict[str, Any], definitions: dict[str, Any], depth: int) -> dict[str, Any]:
    """The schema without words, resolved down to a depth; what lies deeper is only an object or a list."""
    if "$ref" in schema:
        return _outline(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions, depth)
    if "anyOf" in schema:
        options = [_outline(option, definitions, depth) for option in schema["anyOf"]]
        return _either(options)
    kept: dict[str, Any] = {name: schema[name] for name in ("type", "enum", "const") if name in schema}
    if schema.get("type") == "integer":
        return {"type": ["integer", "string"]}
    if depth and "properties" in schema:
        kept["properties"] = {
            name: _outline(item, definitions, depth - 1) for name, item in schema["properties"].items()
        }
    if depth and "items" in schema:
        kept["items"] = _outline(schema["items"], definitions, depth)
    return kept


def _either(options: list[dict[str, Any]]) -> dict[str, Any]:
    """Alternatives of plain types as one list of types, an enumeration with null in it; otherwise as they are."""
    if all(set(option) == {"type"} for option in options):
        types = [kind for option in options for kind in _listed(option["type"])]
        return {"type": list(dict.fromkeys(types))}
    if all("enum" in option or option == {"type": "null"} for option in options):
        return {"enum": [value for option in options for value in option.get("enum", [None])]}
    return {"anyOf": options}


def _listed(kind: Any) -> list[str]:
    return list(kind) if isinstance(kind, list) else [kind]
