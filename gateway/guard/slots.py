"""What may stand in the slots of single constructs: where COLUMNS, a lambda, a time zone and a template are allowed."""

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from gateway.guard.report import shown
from gateway.guard.syntax import BARE_NAME, WIDE, ZONE

if TYPE_CHECKING:
    from gateway.guard.shape import Shape

SINGLE: Final = (
    *(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.And, exp.Or, exp.Not, exp.Is, exp.Between, exp.In),
    *(exp.Like, exp.ILike, exp.Glob, exp.SimilarTo, exp.RegexpLike, exp.ArrayContains, exp.Contains, exp.StartsWith),
    *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.Abs, exp.Round, exp.Length, exp.ArraySize),
    *(exp.Cast, exp.TryCast, exp.Literal, exp.Null, exp.Boolean, exp.DataType),
)
"""What gives a number, a truth or a cast to a plain type, whatever it is made of."""
COMPARISONS: Final[tuple[type[exp.Expr], ...]] = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


def columns(shape: "Shape", node: exp.Expr) -> None:
    """COLUMNS is written out as the columns it picks, in the select list and nowhere else."""
    child, holder = node, node.parent
    while holder is not None and not isinstance(holder, exp.Query):
        child, holder = holder, holder.parent
    if not isinstance(holder, exp.Select) or child.arg_key != "expressions" or child.find(exp.Query):
        shape.refused(node, "COLUMNS(…) stands in a select list only", "name the columns, or use * EXCLUDE (…)")


def list_lambda(shape: "Shape", node: exp.Expr) -> None:
    """`lambda x: …`, as the argument of a list function: its parameters are plain names."""
    names = node.expressions
    plain = all(type(name) is exp.Identifier and BARE_NAME.fullmatch(str(name.this)) for name in names)
    if isinstance(node.parent, exp.Columns):
        return  # what it picks cannot be told, and is reported as that
    if not isinstance(node.parent, exp.Transform | exp.ArrayFilter) or not plain or not 1 <= len(names) <= 2:
        hint = "write list_transform(list, lambda x: …), with one parameter or two"
        shape.refused(node, "a lambda is not allowed here", hint)
    elif isinstance(node.parent, exp.Transform) and _grows(node.this, {name.name for name in names}):
        hint = "give one value for each element: a number, a condition, a text made of the parameter"
        shape.refused(node, "what this lambda gives may be a list or text for every element", hint)


def _grows(body: exp.Expr, own: set[str]) -> bool:
    """Whether what a lambda gives may hold more than the element that it is given: a list of n would come to n times m.

    Default-deny: what is not known to give a single value is taken for its parts.
    """
    stack = [body]
    while stack:
        node = stack.pop()
        if isinstance(node, (*SINGLE, exp.Dot, exp.Lambda)):
            continue  # a dot is refused anyway, and a lambda inside is looked at by itself
        if isinstance(node, exp.Column | exp.Array | exp.Query):
            return True
        if isinstance(node, exp.Identifier) and node.name not in own:
            return True
        if isinstance(node, exp.Bracket):
            stack.append(node.this)
        elif isinstance(node, exp.PropertyEQ):
            stack.append(node.expression)
        else:
            stack += node.iter_expressions()
    return False


def instead(node: exp.Expr) -> str:
    """A method call as the call that it is short for."""
    called = _as_call(node) if isinstance(node, exp.Dot) else ""
    return f"write {called}" if called else ""


def _as_call(node: exp.Expr) -> str:
    if not isinstance(node, exp.Dot) or not isinstance(node.expression, exp.Anonymous):
        return "" if isinstance(node, exp.Dot) and node.find(exp.Func) else shown(node)
    inner = _as_call(node.this)
    more = (shown(item) for item in node.expression.expressions)
    return f"{node.expression.this}({', '.join([inner, *more])})" if inner else ""


def alias(shape: "Shape", node: exp.Expr) -> None:
    """sqlglot reads a name behind any expression in brackets, the engine only in a select list."""
    if shape.functions.dialect == "duckdb" and not isinstance(node.parent, exp.Select | exp.Star):
        shape.refused(node, "a name stands behind an output only", "leave out the name, or write VALUES … AS v(a, b)")


def comparison(shape: "Shape", node: exp.Expr) -> None:
    """DuckDB reads no chain of them, and no comparison of a comparison without brackets."""
    chained = isinstance(node.this, COMPARISONS) or isinstance(node.expression, COMPARISONS)
    if chained and shape.functions.dialect == "duckdb":
        shape.refused(node, "a chain of comparisons is not allowed", "write a < b AND b < c, or put brackets")


def zone(shape: "Shape", node: exp.Expr) -> None:
    """The time zone is a name, not an expression."""
    name = node.args.get("zone")
    if not (isinstance(name, exp.Literal) and name.is_string and ZONE.fullmatch(name.this)):
        shape.refused(node, "a time zone is written out", "write AT TIME ZONE 'Europe/Berlin'")


def template(shape: "Shape", node: exp.Expr) -> None:
    """A width of many digits, or one taken from an argument, makes large values from small ones."""
    first = node.this if isinstance(node, exp.Format) else next(iter(node.expressions), None)
    text = first.this if isinstance(first, exp.Literal) and first.is_string else None
    if text is None or WIDE.search(text):
        hint = "write the template out, with widths of at most three digits"
        shape.refused(node, "the template of format and printf is a plain text", hint)


def named(shape: "Shape", node: exp.Expr) -> None:
    """Functions that sqlglot keeps as plain names."""
    if str(node.this).lower() == "printf":
        template(shape, node)
