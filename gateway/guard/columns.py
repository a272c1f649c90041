"""Resolves every column by its scope, and holds each use against its access mode, through CTEs and subqueries."""

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from gateway.guard.combinators import combined
from gateway.guard.decision import Rule
from gateway.guard.functions import COUNTS, GROUP_SAFE, SAFE, FunctionList, Kind, aggregates_of
from gateway.guard.lists import is_one_tuple, lambda_value, refused_already, series_value, unpicked
from gateway.guard.logic import case_condition, name_of
from gateway.guard.missing import not_found
from gateway.guard.policy import AGGREGATE, FILTER, SELECT
from gateway.guard.relations import NOTHING, Field, Folding, Ref, Relation, Scope, Source, Value, combine
from gateway.guard.report import Report

_CONDITIONS: Final = ("where", "on", "filter")
_NODE: Final = exp.Expr


class Expressions:
    """Reads expressions. `Reader` adds the queries that may stand inside them."""

    def __init__(self, functions: FunctionList, report: Report, fold_case: bool) -> None:
        self.functions = functions
        self.report = report
        self.fold_case = fold_case
        self.seen: set[int] = set()
        """Table and column nodes that have been resolved, or refused."""
        self.outer_reads: list[tuple[Scope, exp.Expr]] = []
        """Columns of an enclosing query, with its scope."""
        self.as_sets: set[int] = set()
        """Queries of IN and EXISTS, by id: how often a row comes changes nothing there."""

    def query(self, node: exp.Expr, outer: Scope | None, ctes: dict[str, Relation]) -> Relation:
        """The relation that a query gives."""
        raise NotImplementedError

    def key(self, name: str) -> str:
        """What a name is compared by: DuckDB folds case, also in quotes; ClickHouse does not."""
        return name.lower() if self.fold_case else name

    # expressions

    def value(self, node: exp.Expr, scope: Scope) -> Value:
        """What is known of one expression. Every column in it is resolved, and its use checked, on the way."""
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            return handler(self, node, scope)
        function = self.functions.of(node)
        if function is not None and function.kind is not Kind.SCALAR:
            return self._folded(node, function.name, scope, [], None)
        return combine(self._parts(node, scope))

    def _parts(self, node: exp.Expr, scope: Scope, but: exp.Expr | None = None) -> list[Value]:
        values = []
        for part in node.args.values():
            if isinstance(part, _NODE):
                values.append(self.value(part, scope))
            elif isinstance(part, list):
                values += [self.value(item, scope) for item in part if isinstance(item, _NODE) and item is not but]
        return values

    def _nothing(self, node: exp.Expr, scope: Scope) -> Value:  # noqa: ARG002 - one signature for all handlers
        return NOTHING

    def _through(self, node: exp.Expr, scope: Scope) -> Value:
        return self.value(node.this, scope)

    def _condition(self, node: exp.Expr, scope: Scope) -> Value:
        """True or false: it tells what it reads, and adds nothing up."""
        value = combine(self._parts(node, scope))
        return value if value.additive is None else value._replace(additive=None, restricted=frozenset())

    def _case(self, node: exp.Expr, scope: Scope) -> Value:
        alone = isinstance(node, exp.If)  # if(c, a, b), and c ? a : b
        tested = [self.value(node.this, scope)] if node.this is not None and not alone else []
        given = []
        for branch in [node] if alone else node.args.get("ifs") or ():
            tested.append(self.value(branch.this, scope))
            given.append(self.value(branch.args["true"], scope))
        default = node.args.get("false" if alone else "default")
        if default is not None:
            given.append(self.value(default, scope))
        seen = combine(tested)._replace(additive=None, restricted=frozenset())
        return combine([seen, *given]) if tested else combine(given)

    def _product(self, node: exp.Expr, scope: Scope) -> Value:
        """A rate times a count that adds up is a count that adds up."""
        left, right = self.value(node.this, scope), self.value(node.expression, scope)
        both = combine([left, right])
        if left.additive is not None and right.additive is not None and left.additive != right.additive:
            wider = left if left.additive else right
            if not (left.additive and right.additive) and wider.additive:
                return both._replace(additive=wider.additive)
        return both

    def _quotient(self, node: exp.Expr, scope: Scope) -> Value:
        """A number per measure does not add up."""
        above, below = self.value(node.this, scope), self.value(node.expression, scope)
        both = combine([above, below])
        return both if below.additive is None else both._replace(additive=frozenset())

    def _scalar_query(self, node: exp.Expr, scope: Scope) -> Value:
        relation = self.query(node, scope, scope.ctes)
        fields = list(relation.fields.values())
        if len(fields) != 1 and fields:
            message = f"a subquery in an expression gives one column, not {len(fields)}"
            self.report.add(Rule.COLUMN_NOT_FOUND, message, "select one column in it", node)
        access = max((item.access for item in fields), default=SELECT)
        self.access_in_clause(access, fields[0].name if fields else "", scope, node)
        return Value(
            access=access if scope.clause == "select" else SELECT, additive=fields[0].additive if fields else None
        )

    def _exists(self, node: exp.Expr, scope: Scope) -> Value:
        self.as_sets.add(id(node.this.unnest()))
        self.query(node.this, scope, scope.ctes)
        return NOTHING

    def _in(self, node: exp.Expr, scope: Scope) -> Value:
        values = [self.value(node.this, scope)]
        values += [self.value(item, scope) for item in node.expressions]
        if node.args.get("query") is not None:
            width = len(node.this.expressions) if isinstance(node.this, exp.Tuple) else 1
            self.as_sets.add(id(node.args["query"].unnest()))
            relation = self.query(node.args["query"], scope, scope.ctes)
            if relation.fields and len(relation.fields) != width and not is_one_tuple(node.args["query"]):
                message = f"the subquery of IN gives {len(relation.fields)} columns, not {width}"
                self.report.add(Rule.COLUMN_NOT_FOUND, message, "select the compared column only", node.args["query"])
            for item in relation.fields.values():
                self.access_in_clause(item.access, item.name, scope, node)
                values.append(Value(access=item.access if scope.clause == "select" else SELECT))
        return combine(values)._replace(additive=None, restricted=frozenset())

    # aggregates and windows

    def _aggregate_filter(self, node: exp.Expr, scope: Scope) -> Value:
        return self._filtered(node, scope, None)

    def _filtered(self, node: exp.Expr, scope: Scope, partition: frozenset[Ref] | None) -> Value:
        condition = node.expression.this if isinstance(node.expression, exp.Where) else node.expression
        clause, scope.clause = scope.clause, "filter" if scope.clause == "select" else scope.clause
        before = len(scope.aggregate_only)
        self.value(condition, scope)
        scope.clause = clause
        value = self._call(node.this, scope, [condition], partition)
        if len(scope.aggregate_only) > before:
            message = "an aggregate-only column cannot be folded under FILTER"
            self.report.add(Rule.COLUMN_AGGREGATE_ONLY, message, "put the condition in WHERE", node)
        return value

    def _call(self, node: exp.Expr, scope: Scope, own: list[exp.Expr], partition: frozenset[Ref] | None) -> Value:
        """An aggregate or window call under its FILTER, IGNORE NULLS or OVER."""
        if isinstance(node, exp.Filter):
            return self._filtered(node, scope, partition)
        if isinstance(node, exp.IgnoreNulls | exp.RespectNulls):
            return self._call(node.this, scope, own, partition)
        function = self.functions.of(node)
        if function is None or function.kind is Kind.SCALAR:
            return combine(self._parts(node, scope))
        return self._folded(node, function.name, scope, own, partition)

    def _folded(
        self, node: exp.Expr, name: str, scope: Scope, own: list[exp.Expr], partition: frozenset[Ref] | None
    ) -> Value:
        outer_name, scope.inside = scope.inside, name if partition is None else "window"
        clause = scope.clause
        if scope.clause not in ("select", "filter"):
            scope.clause = "select" if partition is None else clause
        call = combined(self, node, name, scope, clause)
        name, condition = call.name, call.condition
        value = combine([call.read, *self._parts(node, scope, but=condition)])
        scope.inside, scope.clause = outer_name, clause
        own = own if condition is None else [*own, condition]
        if clause not in ("select", "filter"):
            self.access_in_clause(value.access, "of limited access", scope, node)
        argument = node.this if isinstance(node.this, exp.Expr) else next(iter(node.expressions), None)
        distinct = call.distinct or isinstance(argument, exp.Distinct)
        scope.foldings.append(Folding(node, name, value, distinct, own + case_condition(argument), partition))
        counts = name in COUNTS
        return Value(
            access=value.access,
            refs=value.refs,
            additive=None if counts else value.additive,
            restricted=frozenset() if counts else value.restricted,
            aggregated=partition is None,
            outer=value.outer,
        )

    def _window(self, node: exp.Expr, scope: Scope) -> Value:
        named = node.args.get("alias")
        partition, first, parts = self.window_parts(node, scope)
        if named is not None:
            if self.key(named.name) not in scope.windows:
                hint = "define it: WINDOW w AS (…), or write OVER (…)"
                self.report.add(Rule.COLUMN_NOT_FOUND, f"no window {named.name!r}", hint, named)
            theirs, their_first = scope.windows.get(self.key(named.name), (frozenset(), None))
            partition, first = partition | theirs, their_first or first
        before = len(scope.foldings)
        value = self._call(node.this, scope, [], partition)
        if len(scope.foldings) > before and first is not None:
            scope.foldings[-1] = scope.foldings[-1]._replace(first=first)
        aggregated = value.aggregated or any(part.aggregated for part in parts)
        access = max([value.access, *(part.access for part in parts)])
        return value._replace(access=access, aggregated=aggregated, ref=None)

    def window_parts(self, node: exp.Expr, scope: Scope) -> tuple[frozenset[Ref], Ref | None, list[Value]]:
        """What a window partitions and orders by: its fields of the partition, the first of its order, all values."""
        clause, scope.clause = scope.clause, "window"
        parts = [self.value(item, scope) for item in node.args.get("partition_by") or ()]
        partition = frozenset(part.ref for part in parts if part.ref is not None)
        order, spec = node.args.get("order"), node.args.get("spec")
        items = [item.this for item in order.expressions] if order is not None else []
        ends = (spec.args.get("start"), spec.args.get("end")) if spec is not None else ()
        items += [end for end in ends if isinstance(end, exp.Expr)]
        ordered = [self.value(item, scope) for item in items]
        scope.clause = clause
        first = ordered[0].ref if order is not None and ordered else None
        return partition, first, [*parts, *ordered]

    # columns

    def _column(self, node: exp.Expr, scope: Scope) -> Value:
        self.seen.add(id(node))
        args = node.args
        if isinstance(args["this"], exp.Star):
            return NOTHING  # a star outside a select list: the shape has refused it
        name, table = name_of(node), args.get("table")
        key = name.lower() if self.fold_case else name
        at: Scope | None = scope if args.get("db") is None else None
        while at is not None:
            value = self._qualified(table, key, at, node) if table is not None else self._bare(key, at, node)
            if value is not None:
                if at is scope:
                    return value
                self.outer_reads.append((at, node))
                return self._from_outside(value)
            at = at.outer
        source = self._source_called(table.name, scope) if table is not None else None
        only = scope.sources[0] if len(scope.sources) == 1 and table is None else None
        self.not_found(name, source or only, scope, node)
        return NOTHING

    def _from_outside(self, value: Value) -> Value:
        return Value(access=value.access, origin=value.origin, additive=value.additive, outer=True)

    def _source_called(self, name: str, scope: Scope) -> Source | None:
        at: Scope | None = scope
        while at is not None:
            if self.key(name) in at.by_name:
                return at.by_name[self.key(name)]
            at = at.outer
        return None

    def _qualified(self, table: exp.Expr, key: str, at: Scope, node: exp.Expr) -> Value | None:
        source = at.by_name.get(self.key(name_of(table)))
        if source is None or key not in source.relation.fields:
            return None
        return self.note_read(source, key, at, node, at.clause)

    def _bare(self, key: str, at: Scope, node: exp.Expr) -> Value | None:
        if at.clause == "order" and key in at.aliases and not at.inside:
            return self._alias(key, at, node)
        refs = at.merged.get(key)
        if refs is not None:
            values = [self.note_read(at.sources[i], k, at, node, at.clause) for i, k in refs]
            return values[0]
        holders = [source for source in at.sources if key in source.relation.fields and source.visible]
        if len(holders) > 1:
            names = [f"{source.name}.{node.name}" for source in holders]
            message, hint = f"column {node.name!r} is in several relations", f"write {' or '.join(names)}"
            self.report.add(Rule.COLUMN_AMBIGUOUS, message, hint, node, token=node.name, allowed=names)
        if holders:
            return self.note_read(holders[0], key, at, node, at.clause)
        return self._alias(key, at, node) if key in at.aliases else None

    def _alias(self, key: str, at: Scope, node: exp.Expr) -> Value:
        value = at.aliases[key]
        self.access_in_clause(value.access, node.name, at, node)
        return value

    def note_read(self, source: Source, key: str, scope: Scope, node: exp.Expr, clause: str) -> Value:
        """One field is used in a clause: remember it, and hold the use against its access mode."""
        item = source.relation.fields[key]
        source.used.add(key)
        if source.relation.asset is not None and item.origin is not None:
            self.report.columns.add(item.origin)
        if key in source.relation.repeated:
            message = f"{source.name!r} gives column {item.name!r} more than once"
            self.report.add(Rule.COLUMN_AMBIGUOUS, message, "give each output its own alias", node)
        ref = (source.index, key)
        access = SELECT if item.access == SELECT else self._access(item, ref, scope, node, clause)
        restricted = frozenset((source.index,)) if item.additive is not None else NOTHING.restricted
        return Value(access, item.origin, ref, frozenset((ref,)), item.additive, restricted)

    def _access(self, item: Field, ref: Ref, scope: Scope, node: exp.Expr, clause: str) -> int:
        if item.access == SELECT:
            return SELECT
        if item.access == AGGREGATE and scope.inside:
            parent = node.parent
            while isinstance(parent, exp.Paren | exp.Cast | exp.Distinct):
                parent = parent.parent
            function = self.functions.of(parent) if parent is not None else None
            if scope.inside in GROUP_SAFE and function is not None and function.name == scope.inside:
                scope.aggregate_only.add(ref)
                return SELECT
        refused = self.access_in_clause(item.access, item.name, scope, node, clause)
        return item.access if clause == "select" and not refused else SELECT

    def access_in_clause(self, access: int, name: str, scope: Scope, node: exp.Expr, clause: str = "") -> bool:
        """A value of limited access appears in a clause of this scope: refuse it where the mode does not reach."""
        clause = clause or scope.clause
        if access == FILTER and clause not in (*_CONDITIONS, "select"):
            message = f"column {name!r} may be used in WHERE and ON, not in {clause.upper()}"
            self.report.add(Rule.COLUMN_FILTER_ONLY, message, "filter by it, and leave it out elsewhere", node)
            return True
        if access == AGGREGATE and (clause != "select" or scope.inside or not self._plain_output(node)):
            message, hint = (
                f"column {name!r} may only be aggregated, by {', '.join(SAFE)}",
                f"use avg({name}) of the bare column",
            )
            self.report.add(Rule.COLUMN_AGGREGATE_ONLY, message, hint, node, allowed=aggregates_of(name))
            return True
        return False

    def _plain_output(self, node: exp.Expr) -> bool:
        parent = node.parent
        while isinstance(parent, exp.Paren | exp.Alias):
            parent = parent.parent
        return isinstance(parent, exp.Select)

    def not_found(self, name: str, source: Source | None, scope: Scope, node: exp.Expr) -> None:
        """Report that there is no such column, with the nearest that there is."""
        not_found(self, name, source, scope, node)

    # small things

    def is_star(self, item: exp.Expr) -> bool:
        """`*` or `t.*` in a select list."""
        return isinstance(item, exp.Star) or (isinstance(item, exp.Column) and isinstance(item.this, exp.Star))

    def is_ordinal(self, item: exp.Expr, width: int) -> bool:
        """A position in the select list, as in GROUP BY 1; reported when it points beyond."""
        if not isinstance(item, exp.Literal) or item.is_string or not str(item.this).isdigit():
            return False
        if 1 <= int(item.this) <= width:
            return True
        self.report.add(
            Rule.COLUMN_NOT_FOUND, f"there is no output {item.this}", f"positions go from 1 to {width}", item.parent
        )
        return False

    def bounded_rows(self, node: exp.Expr) -> None:
        """LIMIT and OFFSET are plain whole numbers, so that the rewriting can hold them to the cap."""
        for clause in ("limit", "offset"):
            part = node.args.get(clause)
            if part is None or isinstance(part, exp.Fetch):
                continue  # the shape has refused what FETCH is left
            count = part.args.get("expression")
            if not (isinstance(count, exp.Literal) and not count.is_string and str(count.this).isdigit()):
                self.seen.update(id(inner) for inner in part.find_all(exp.Table, exp.Column))
                message = f"{clause.upper()} must be a whole number"
                self.report.add(Rule.LIMIT_NOT_LITERAL, message, f"write {clause.upper()} 100", part)


Handler = Callable[[Expressions, exp.Expr, Scope], Value]
Classes = tuple[type[exp.Expr], ...]

_NOTHING: Final[Classes] = (exp.Literal, exp.Null, exp.Boolean, exp.Var, exp.DataType, exp.Star, exp.Identifier)
_THROUGH: Final[Classes] = (exp.Paren, exp.Alias)
_QUERIES: Final[Classes] = (exp.Subquery, exp.Select, exp.Union, exp.Except, exp.Intersect)
_LOGIC: Final[Classes] = (exp.And, exp.Or, exp.Not, exp.Is, exp.Between)
_EQUAL: Final[Classes] = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_TESTS: Final[Classes] = (*_LOGIC, *_EQUAL, exp.Like, exp.ILike, exp.SimilarTo, exp.RegexpLike)


def _handlers() -> dict[type[exp.Expr], Handler]:
    table: dict[type[exp.Expr], Handler] = {
        exp.Column: Expressions._column,
        exp.Case: Expressions._case,
        exp.Columns: unpicked,
        exp.Comprehension: refused_already,
        exp.Lambda: lambda_value,
        exp.GenerateSeries: series_value,
        exp.If: Expressions._case,
        exp.Mul: Expressions._product,
        exp.Div: Expressions._quotient,
        exp.IntDiv: Expressions._quotient,
        exp.In: Expressions._in,
        exp.Exists: Expressions._exists,
        exp.Filter: Expressions._aggregate_filter,
        exp.Window: Expressions._window,
    }
    table |= dict.fromkeys(_NOTHING, Expressions._nothing) | dict.fromkeys(_THROUGH, Expressions._through)
    return table | dict.fromkeys(_QUERIES, Expressions._scalar_query) | dict.fromkeys(_TESTS, Expressions._condition)


_HANDLERS: Final = _handlers()
