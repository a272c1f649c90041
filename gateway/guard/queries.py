"""Reads queries from the inside out: what each relation gives, what each clause uses, what the rows mean.

One `Reader` per statement. It resolves every table and column by its own rules of scope, expands stars in place, and
leaves beside the tree what the rewriting needs: which table nodes are assets, and which of their columns are used.
"""

from sqlglot import exp

from gateway.guard import meaning
from gateway.guard.clickhouse_names import capped_set, one_definition, one_meaning
from gateway.guard.columns import Expressions
from gateway.guard.conditions import read_conditions
from gateway.guard.decision import Rule
from gateway.guard.functions import FunctionList
from gateway.guard.logic import bare
from gateway.guard.missing import limited_results
from gateway.guard.policy import AGGREGATE, Policy
from gateway.guard.relations import Field, OpenPin, Relation, Scope, Source, Value
from gateway.guard.report import Report, shown
from gateway.guard.sets import merged_field, merged_pins
from gateway.guard.sources import AssetRead, constant, read_sources
from gateway.guard.stars import kept, write_out
from gateway.guard.syntax import identifier
from gateway.guard.typed import comparable

_SETS = (exp.Union, exp.Except, exp.Intersect)


class Reader(Expressions):
    """Walks one statement's queries."""

    def __init__(self, policy: Policy, functions: FunctionList, report: Report, fold_case: bool) -> None:
        super().__init__(functions, report, fold_case)
        self.policy = policy
        self.reads: list[AssetRead] = []
        self.unsure = False
        """Something could not be resolved: then there must be a reason to refuse, or that is one."""
        self.result = Relation({}, None)
        self.correlated: dict[int, list[tuple[Field, exp.Expr]]] = {}
        """By id of a SELECT: its fields that equal a column of the query around it."""
        self.minimums: list[tuple[exp.Expr, exp.Expr]] = []
        """(select, column) pairs whose groups must have the policy's minimum size."""

    def statement(self, root: exp.Expr, places: list[exp.Expr]) -> None:
        """Read the whole statement, account for every table and column in it, and hold its result against the modes."""
        relation = self.result = self.query(root, None, {})
        for node in places:
            if id(node) not in self.seen:
                message = f"{shown(node)!r} stands where it cannot be checked"
                self.report.add(Rule.SYNTAX_NOT_ALLOWED, message, "write it as a plain relation or column", node)
        if self.unsure and not self.report.violations:
            message = "the statement reads something that could not be resolved"
            self.report.add(Rule.SYNTAX_NOT_ALLOWED, message, "write it more plainly", root)
        limited_results(self.report, relation)

    def note_read(self, source: Source, key: str, scope: Scope, node: exp.Expr, clause: str) -> Value:
        """One field is used in a clause; in ClickHouse's dialect, also beside what its type can be compared with."""
        if not self.fold_case:
            comparable(self, source, key, node)
        return super().note_read(source, key, scope, node, clause)

    def query(self, node: exp.Expr, outer: Scope | None, ctes: dict[str, Relation]) -> Relation:
        """The relation that a SELECT, a set operation or a bracketed query gives."""
        if isinstance(node, exp.Subquery):
            return self.query(node.this, outer, ctes)
        ctes = self._with(node, outer, ctes)
        if isinstance(node, _SETS):
            return self._set_operation(node, outer, ctes)
        if isinstance(node, exp.Select):
            return self._select(node, outer, ctes)
        made = constant(self, node, ctes) if isinstance(node, exp.Values) else None
        return made if made is not None else Relation({}, None, unknown=True)  # the shape has refused what is no query

    # WITH and set operations

    def _with(self, node: exp.Expr, outer: Scope | None, ctes: dict[str, Relation]) -> dict[str, Relation]:
        clause = node.args.get("with_")
        if clause is None:
            return ctes
        outside, ctes, own = ctes, dict(ctes), set()
        if clause.args.get("recursive"):  # refused: what it reads of itself is nobody's second mistake
            ctes |= {self.key(cte.alias): Relation({}, None, unknown=True) for cte in clause.expressions}
        for cte in clause.expressions:
            name, key = cte.alias, self.key(cte.alias)
            if key.lower() in self.policy.assets:
                message = f"{name!r} is the name of an asset"
                self.report.add(Rule.NAME_SHADOWS_ASSET, message, "give the CTE another name", cte.args.get("alias"))
            if key in own:
                self.report.add(
                    Rule.DUPLICATE_NAME,
                    f"{name!r} is defined twice",
                    "give each CTE its own name",
                    cte.args.get("alias"),
                )
            own.add(key)
            if not self.fold_case:
                one_definition(self, cte.args.get("alias"), key, outside)
            around = outer if self.fold_case else None  # ClickHouse would look around where the CTE is read
            ctes[key] = self.renamed(self.query(cte.this, around, ctes), cte.args.get("alias"))
        return ctes

    def renamed(self, relation: Relation, alias: exp.Expr | None) -> Relation:
        """The relation under the column names of `alias(a, b, …)`, if it has any."""
        columns = alias.args.get("columns") if alias is not None else None
        if not columns:
            return relation
        if len(columns) > len(relation.fields):
            message = f"{len(columns)} names for {len(relation.fields)} columns"
            self.report.add(Rule.COLUMN_NOT_FOUND, message, "name at most as many as there are", alias)
        new = {old: self.key(c.name) for old, c in zip(relation.fields, columns, strict=False)}
        spelled = {old: c.name for old, c in zip(relation.fields, columns, strict=False)}
        fields = {
            new.get(old, old): Field(spelled.get(old, f.name), f.access, f.origin, f.additive)
            for old, f in relation.fields.items()
        }
        grain = None if relation.grain is None else tuple(new.get(k, k) for k in relation.grain)
        pins = tuple(OpenPin(p.asset, p.column, frozenset(new.get(k, k) for k in p.keys)) for p in relation.pins)
        return Relation(fields, grain, pins, relation.fixed, None, relation.constant, relation.unknown)

    def _set_operation(self, node: exp.Expr, outer: Scope | None, ctes: dict[str, Relation]) -> Relation:
        left = self.query(node.this, outer, ctes)
        right = self.query(node.expression, outer, ctes)
        if node.args.get("by_name"):
            pairs = {
                key: [f for f in (left.fields.get(key), right.fields.get(key)) if f]
                for key in left.fields | right.fields
            }
        else:
            theirs = list(right.fields.values())
            if len(theirs) != len(left.fields) and not (left.unknown or right.unknown):
                message = f"the sides of the set operation have {len(left.fields)} and {len(theirs)} columns"
                self.report.add(
                    Rule.COLUMN_NOT_FOUND, message, "select the same columns on both sides", node.expression
                )
            pairs = {key: [f, *theirs[i : i + 1]] for i, (key, f) in enumerate(left.fields.items())}
        fields = {key: merged_field(sides, self.report) for key, sides in pairs.items()}
        distinct = bool(node.args.get("distinct"))
        relation = Relation(
            fields,
            tuple(fields) if distinct else None,
            merged_pins(left, right),
            left.fixed | right.fixed,
            None,
            left.constant and right.constant,
            left.unknown or right.unknown,
        )
        self._order_of_set(node, relation, ctes)
        self.bounded_rows(node)
        return relation

    def _order_of_set(self, node: exp.Expr, relation: Relation, ctes: dict[str, Relation]) -> None:
        order = node.args.get("order")
        if order is None:
            return
        scope = Scope(None, ctes, clause="order")
        scope.aliases = {key: Value(f.access, f.origin) for key, f in relation.fields.items()}
        for ordered in order.expressions:
            if not self.is_ordinal(ordered.this, len(relation.fields)):
                self.value(ordered.this, scope)

    # SELECT

    def _select(self, node: exp.Select, outer: Scope | None, ctes: dict[str, Relation]) -> Relation:
        if not self.fold_case and outer is None and (passed := capped_set(self, node)) is not None:
            return self.query(passed, outer, ctes)
        scope = Scope(outer, ctes)
        read_sources(self, node, scope)
        write_out(self, node, scope)
        for window in node.args.get("windows") or ():
            scope.windows[self.key(window.name)] = self.window_parts(window, scope)[:2]
        outputs = self._projections(node, scope)
        if not self.fold_case:
            one_meaning(self, node, scope)
        read_conditions(self, node, scope)
        self._grouping(node, scope, outputs)
        self._rest(node, scope, outputs)
        self.bounded_rows(node)
        self._passed_on(node, scope, outputs)
        self._minimums(node, scope)
        if scope.correlated:
            self.correlated[id(node)] = [
                (scope.sources[ref[0]].relation.fields[ref[1]], column) for ref, column in scope.correlated
            ]
        self.unsure = self.unsure or scope.unknown
        return meaning.judge(self, node, scope, outputs)

    # the select list

    def _projections(self, node: exp.Select, scope: Scope) -> list[tuple[str, str, Value]]:
        """(key, name, value) of each output, in order; expressions without a name get one that cannot be written."""
        outputs: list[tuple[str, str, Value]] = []
        for item in node.expressions:
            position = len(outputs)
            if self.is_star(item):
                outputs += kept(self, item, scope, position)
                continue
            inner = item.this if isinstance(item, exp.Alias) else item
            before = len(scope.foldings)
            value = self.value(inner, scope)
            if len(scope.foldings) > before and any(f.partition is None for f in scope.foldings[before:]):
                value = Value(value.access, None, None, value.refs, value.additive, value.restricted, True, value.outer)
            column = bare(item)
            name = item.alias if isinstance(item, exp.Alias) else column.name if column is not None else ""
            key = self.key(name) if name else f"\0{position}"
            outputs.append((key, name or f"column {position + 1}", value))
            if isinstance(item, exp.Alias):
                scope.aliases.setdefault(key, value)
        return outputs

    def _grouping(self, node: exp.Select, scope: Scope, outputs: list[tuple[str, str, Value]]) -> None:
        group = node.args.get("group")
        if group is None:
            return
        scope.clause = "group"
        if group.args.get("all"):
            scope.grouped.update(v.ref for _, _, v in outputs if not v.aggregated if v.ref is not None)
        for item in group.expressions:
            ref = self._group_item(item, scope, outputs).ref
            if ref is not None:
                scope.grouped.add(ref)
        for kind in ("cube", "rollup", "grouping_sets"):
            for part in group.args.get(kind) or ():
                for item in part.expressions:
                    self._group_item(item, scope, outputs)

    def _group_item(self, item: exp.Expr, scope: Scope, outputs: list[tuple[str, str, Value]]) -> Value:
        if self.is_ordinal(item, len(outputs)):
            value = outputs[int(item.this) - 1][2]
            self.access_in_clause(value.access, outputs[int(item.this) - 1][1], scope, item)
            return value
        return self.value(item, scope)

    def _rest(self, node: exp.Select, scope: Scope, outputs: list[tuple[str, str, Value]]) -> None:
        for clause in ("having", "qualify"):
            part = node.args.get(clause)
            if part is not None:
                scope.clause = clause
                self.value(part.this, scope)
        scope.clause = "order"
        order = node.args.get("order")
        for ordered in order.expressions if order is not None else ():
            if self.is_ordinal(ordered.this, len(outputs)):
                _, name, value = outputs[int(ordered.this.this) - 1]
                self.access_in_clause(value.access, name, scope, ordered)
            elif not isinstance(ordered.this, exp.Var):
                self.value(ordered.this, scope)
        limit = node.args.get("limit")
        for item in limit.expressions if limit is not None else ():
            self._group_item(item, scope, outputs)
        distinct = node.args.get("distinct")
        on = distinct.args.get("on") if distinct is not None else None
        if on is not None:
            for item in on.expressions if isinstance(on, exp.Tuple) else [on]:
                self.value(item, scope)

    def _passed_on(self, node: exp.Select, scope: Scope, outputs: list[tuple[str, str, Value]]) -> None:
        """An aggregate-only column goes through a derived table only where nothing repeats or picks single rows."""
        chosen = any(node.args.get(part) for part in ("limit", "offset", "distinct", "qualify", "group"))
        if len(scope.sources) == 1 and not chosen and not scope.foldings:
            return
        for _, name, value in outputs:
            if value.access == AGGREGATE:
                message = f"aggregate-only column {name!r} is passed on by a query that joins, picks or repeats rows"
                self.report.add(Rule.COLUMN_AGGREGATE_ONLY, message, "aggregate it where its asset is read", node)

    def _minimums(self, node: exp.Select, scope: Scope) -> None:
        for index, key in sorted(scope.aggregate_only):
            source = scope.sources[index]
            self.report.functions.add("count")
            column = exp.Column(this=identifier(source.relation.fields[key].name))
            if source.name:
                column.set("table", identifier(source.name))
            self.minimums.append((node, column))
