"""Whether a contract holds together: every name it uses exists, and what it claims about itself can be true.

Works on the plain data of the file, not on the validated model, so that a wrong type in one column does not hide a
wrong name in another. Whatever does not have the expected shape is passed over here: the model reports it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.documents import Place
from gateway.problems import did_you_mean

Problem = tuple[Place, str]
_READABLE = {"select", "filter"}
"""Accesses under which a column can stand in a condition, which is what a join needs."""


def problems_of(data: Any) -> Iterator[Problem]:
    """Every contradiction in the file, in the file's order."""
    assets = _mapping(_mapping(data).get("assets"))
    yield from _repeated_names(assets, ("assets",))
    for name, asset in assets.items():
        yield from _asset_problems(_mapping(asset), ("assets", name), assets)
    for name, role in _mapping(_mapping(data).get("roles")).items():
        yield from _role_problems(_mapping(role), ("roles", name), assets)


def _asset_problems(asset: Mapping[str, Any], place: Place, assets: Mapping[str, Any]) -> Iterator[Problem]:
    columns = _mapping(asset.get("columns"))
    yield from _repeated_names(columns, (*place, "columns"))
    yield from _unknown_columns(asset.get("grain"), (*place, "grain"), columns)
    yield from _unknown_columns(asset.get("pins"), (*place, "pins"), columns)
    for position, pin in _texts(asset.get("pins")):
        if pin in columns and _access(columns, pin) != "select":
            access = _access(columns, pin)
            yield (*place, "pins", position), f"column {pin!r} has access {access}: a pin must have access select"
    grain = {column for _, column in _texts(asset.get("grain"))}
    for name, column in columns.items():
        yield from _additive_problems(_mapping(column), (*place, "columns", name, "additive"), columns, grain)
    if columns and all(_access(columns, name) == "hidden" for name in columns):
        yield (*place, "columns"), "every column is hidden, so nothing could be asked: leave the asset out"
    for position, join in enumerate(_list(asset.get("joins"))):
        yield from _join_problems(_mapping(join), (*place, "joins", position), asset, assets)


def _additive_problems(
    column: Mapping[str, Any], place: Place, columns: Mapping[str, Any], grain: set[str]
) -> Iterator[Problem]:
    over = column.get("additive")
    yield from _unknown_columns(over, place, columns)
    known = [(position, name) for position, name in _texts(over) if name in columns]
    if known and column.get("role", "attribute") != "measure":
        yield place, f"only a measure can be summed, and this column is of role {column.get('role', 'attribute')}"
    for position, name in known:
        if grain and name not in grain:
            yield (*place, position), f"column {name!r} is not in the grain, so summing over it means nothing"


def _join_problems(
    join: Mapping[str, Any], place: Place, asset: Mapping[str, Any], assets: Mapping[str, Any]
) -> Iterator[Problem]:
    here, target = _mapping(asset.get("columns")), join.get("to")
    yield from _join_columns(join, place, here, "this asset")
    if not isinstance(target, str):
        return
    if target not in assets:
        yield (*place, "to"), f"no asset is named {target!r}." + did_you_mean(target, assets)
        return
    there = _mapping(assets[target])
    yield from _join_columns(join, place, _mapping(there.get("columns")), target)
    on = {column for _, column in _texts(join.get("on"))}
    sides = (("to_one", there, target), ("one_to", asset, "this asset"))
    for claim, side, name in sides:
        grain = [column for _, column in _texts(side.get("grain"))]
        if claim in str(join.get("cardinality", "")) and grain and not on.issuperset(grain):
            what = f"{join['cardinality']} cannot be true: a row of {name} is told apart by {', '.join(grain)}"
            yield (*place, "cardinality"), f"{what}, and the join is only on {', '.join(sorted(on)) or 'nothing'}"


def _join_columns(join: Mapping[str, Any], place: Place, columns: Mapping[str, Any], name: str) -> Iterator[Problem]:
    """Join columns exist in `columns` and may be read there."""
    for position, column in _texts(join.get("on")):
        if columns and column not in columns:
            yield (*place, "on", position), f"no column {column!r} in {name}." + did_you_mean(column, columns)
        elif columns and _access(columns, column) not in _READABLE:
            access = _access(columns, column)
            yield (*place, "on", position), f"column {column!r} of {name} is {access}, so no query could join on it"


def _role_problems(role: Mapping[str, Any], place: Place, assets: Mapping[str, Any]) -> Iterator[Problem]:
    listed = _texts(role.get("assets"))
    for position, name in listed:
        if name not in assets:
            yield (*place, "assets", position), f"no asset is named {name!r}." + did_you_mean(name, assets)
    for name, condition in _mapping(role.get("row_filter")).items():
        here = (*place, "row_filter", name)
        if name not in assets:
            yield here, f"no asset is named {name!r}." + did_you_mean(name, assets)
        elif listed and name not in {asset for _, asset in listed}:
            yield here, f"asset {name!r} is not among the role's assets"
        elif isinstance(condition, str):
            from gateway.semantic.row_filter import problems_of_condition  # sqlglot, only for roles that filter

            columns = _mapping(_mapping(assets[name]).get("columns"))
            yield from ((here, message) for message in problems_of_condition(condition, columns, name))


def _unknown_columns(names: Any, place: Place, columns: Mapping[str, Any]) -> Iterator[Problem]:
    seen: set[str] = set()
    for position, name in _texts(names):
        if name in seen:
            yield (*place, position), f"column {name!r} is listed twice"
        elif columns and name not in columns:
            yield (*place, position), f"no column {name!r} in this asset." + did_you_mean(name, columns)
        seen.add(name)


def _repeated_names(names: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    """Engines compare names without regard to case; two that differ only in case would be one."""
    seen: dict[str, str] = {}
    for name in names:
        first = seen.setdefault(name.casefold(), name)
        if first != name:
            yield (*place, name), f"differs from {first!r} only in case, and engines may take them for one"


def _access(columns: Mapping[str, Any], name: str) -> str:
    return str(_mapping(columns.get(name)).get("access", "select"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any) -> list[tuple[int, str]]:
    """(position, text) of each text in a list; nothing where it is not a list."""
    return [(position, item) for position, item in enumerate(_list(value)) if isinstance(item, str)]
