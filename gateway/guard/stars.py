"""Stars: what `*` stands for, for this role, written out."""

from sqlglot import exp

from gateway.guard import patterns
from gateway.guard.columns import Expressions
from gateway.guard.decision import Rule
from gateway.guard.policy import SELECT
from gateway.guard.relations import UNNAMED, Field, Scope, Source, Value
from gateway.guard.report import listed
from gateway.guard.syntax import identifier


def write_out(reader: Expressions, node: exp.Select, scope: Scope) -> None:
    """Put columns in the place of the stars of a select list."""
    picks = patterns.picks(node.expressions, reader.report.text if reader.fold_case else "")
    if not any(pick is not None or reader.is_star(item) for item, pick in zip(node.expressions, picks, strict=True)):
        return
    expanded: list[exp.Expr] = []
    for item, pick in zip(node.expressions, picks, strict=True):
        if reader.is_star(item):
            expanded += expand(reader, item, scope)
        elif pick is not None:
            expanded += _picked(reader, item, pick, scope)
        else:
            expanded.append(item)
    if not expanded and scope.sources and not scope.unknown:
        hint = "name the columns; some may only be filtered by or aggregated"
        reader.report.add(Rule.COLUMN_NOT_FOUND, "* stands for no column that may be selected", hint, node)
    node.set("expressions", expanded)


def kept(reader: Expressions, item: exp.Expr, scope: Scope, position: int) -> list[tuple[str, str, Value]]:
    """A star over a derived table with outputs that have no name to write out."""
    source = scope.by_name[reader.key(item.table)] if isinstance(item, exp.Column) else scope.sources[0]
    fields = [(key, f) for key, f in source.relation.fields.items() if not key.startswith(UNNAMED[1])]
    return [
        (
            key if key[:1] not in UNNAMED else f"\0{position + i}",
            f.name,
            reader.note_read(source, key, scope, item, ""),
        )
        for i, (key, f) in enumerate(fields)
    ]


def expand(reader: Expressions, item: exp.Expr, scope: Scope) -> list[exp.Expr]:
    """The columns that `*` or `t.*` stands for: what may be selected, less what it excludes."""
    star = item if isinstance(item, exp.Star) else item.this
    renamed = {reader.key(e.this.name): e for e in star.args.get("rename") or ()}
    reader.seen.update(id(p) for p in (item, *(star.args.get("except_") or ()), *(e.this for e in renamed.values())))
    sources = [s for s in scope.sources if s.visible]
    if isinstance(item, exp.Column):
        one = scope.by_name.get(reader.key(item.table))
        if one is None:
            reader.not_found(item.table, None, scope, item)
            scope.unknown = True
            return []
        sources = [one]
    if not scope.sources and not scope.unknown:
        reader.report.add(Rule.COLUMN_NOT_FOUND, "there is nothing to select from", "add FROM", item)
    if any(key.startswith(UNNAMED[0]) for source in sources for key in source.relation.fields):
        return _unwritten(reader, item, scope, sources)
    dropped = {reader.key(e.name): e for e in star.args.get("except_") or ()}
    replaced = {reader.key(e.alias): e for e in star.args.get("replace") or ()}
    names: list[tuple[str, exp.Expr]] = []
    seen: set[str] = set()
    for source in sources:
        for key, item_field in source.relation.fields.items():
            if item_field.access != SELECT or key.startswith(UNNAMED[1]) or (key in scope.merged and key in seen):
                continue
            seen.add(key)
            names.append((key, _column(source, key, item_field, scope, one_source=isinstance(item, exp.Column))))
    for key, place in (*dropped.items(), *replaced.items(), *renamed.items()):
        if key not in seen:
            name = place.this.name if key in renamed else place.alias_or_name
            reader.not_found(name, sources[0] if len(sources) == 1 else None, scope, place)
    for key, column in names:
        if key in renamed:
            replaced.setdefault(key, exp.Alias(this=column, alias=renamed[key].args["alias"]))
    return [replaced.get(key, column) for key, column in names if key not in dropped]


def _picked(reader: Expressions, item: exp.Expr, pick: exp.Expr, scope: Scope) -> list[exp.Expr]:
    """The expression once for each column that its COLUMNS(…) picks, each under that column's name."""
    reader.seen.update(id(part) for part in item.find_all(exp.Column, exp.Table))
    inner = patterns.all_of(pick)
    columns = [column for column in expand(reader, inner, scope) if not reader.is_star(column)]
    chosen = patterns.chosen(pick, [column.alias_or_name for column in columns])
    if chosen is None:
        hint = "write a short pattern, such as COLUMNS('.*_rate'), or name the columns"
        reader.report.add(Rule.SYNTAX_NOT_ALLOWED, "what COLUMNS(…) picks cannot be told", hint, item)
        scope.unknown = True
        return []
    picked = [column for column in columns if column.alias_or_name in chosen]
    if not picked and columns:
        names = [column.alias_or_name for column in columns]
        reader.report.add(Rule.COLUMN_NOT_FOUND, "COLUMNS(…) picks no column", listed(names), item)
        scope.unknown = True
    return [patterns.with_column(item, pick, column) for column in picked]


def _unwritten(reader: Expressions, item: exp.Expr, scope: Scope, sources: list[Source]) -> list[exp.Expr]:
    """Outputs without a name cannot be written out; a star over them alone stays as it is."""
    star = item if isinstance(item, exp.Star) else item.this
    changed = star.args.get("except_") or star.args.get("replace")
    limited = any(f.access != SELECT for source in sources for f in source.relation.fields.values())
    if len(sources) == 1 and not changed and not limited:
        return [item]
    scope.unknown = True
    message = "* stands for an output that has no name"
    reader.report.add(Rule.COLUMN_NOT_FOUND, message, "name the outputs of the inner query: count(*) AS n", item)
    return []


def _column(source: Source, key: str, item: Field, scope: Scope, *, one_source: bool) -> exp.Expr:
    name = identifier(item.name)
    if not source.name or (not one_source and (key in scope.merged or len(scope.sources) == 1)):
        return exp.Column(this=name)
    return exp.Column(this=name, table=identifier(source.name))
