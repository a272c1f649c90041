"""Statements that are made to exhaust the parser: to be checked in a process of their own, which they could end.

    python -m tests.guard.hostile

Prints, as JSON lines, what each was answered with and the processor time it took. Runs in a thread with a small stack,
as a server's may be: a compiled sqlglot has no limit of recursion other than the stack.
"""

import json
import sys
import threading
import time

from gateway.guard import Refused, check
from gateway.guard.check import DIALECTS
from tests.guard import world

STACK: int = 1 << 20


def _nested(opening: str, times: int = 39) -> str:
    """A fragment repeated inward, and its brackets closed."""
    ends = {"(": ")", "[": "]", "{": "}"}
    closing = "".join(ends[sign] for sign in reversed(opening) if sign in ends) + " end" * opening.count("case")
    return f"select {opening * times} 1 {closing * times}"


FRAGMENTS = (
    *("(", "[", "{'a': ", "case when true then ", "not (", "- (", "f(", "f(x -> ", "f(lambda x: ", "cast(", "exists ("),
    *("(select ", "(select 1 from ", "(from ", "1 in (", "(values (", "x[", "struct(", "array[", "map {", "int2 ("),
    *("f(int2 (", "decimal(", "f(1 limit (", "(select 1 limit (", "f(struct(", "x[array[", "string_agg(array[", "row("),
    *(
        "1 from a join (",
        "1 from a join b join (",
        "1 from a, (",
        "1 union (select ",
        "interval (",
        "any (",
        "coalesce(",
    ),
    *(
        "sum(1) over (order by ",
        "sum(1) filter (where ",
        "count(distinct ",
        "extract(year from ",
        "trim(",
        "1 between (",
    ),
)
REPEATED = {
    "not": "select " + "not " * 3900 + "true",
    "minus": "select " + "- " * 3900 + "1",
    "tilde": "select " + "~ " * 3900 + "1",
    "not and minus": "select " + "not - " * 1900 + "1",
    "not in brackets": "select " + ("not " * 90 + "(") * 39 + "1" + ")" * 39,
    "not beside operands in brackets": "select " + ("1 = " + "not " * 90 + "(") * 39 + "1" + ")" * 39,
    "any": "select 1 = " + "any " * 3900,
    "exists": "select " + "exists " * 3900,
    "from": "from " * 3900 + "a",
    "select": "select " * 3900,
    "with": "with " * 3900,
    "distinct": "select " + "distinct " * 3900,
    "assignments": "select " + "a := " * 1900 + "1",
    "sums of intervals": "select interval '1' day" + " '1' day" * 1900,
    "time zones": "select a" + " at time zone 'x'" * 900,
    "time zones and signs": "select " + "not not not 1 at time zone " * 480 + "1",
    "lambdas": "select " + "lambda x: " * 1200 + "1",
    "arrows": "select " + "x -> " * 60 + "1",
    "or": "select 1" + " or 1" * 1900,
    "plus": "select 1" + " + 1" * 1900,
    "power": "select 1" + " ** - 1" * 1200,
    "equals": "select " + "1 = " * 1900 + "1",
    "in": "select 1" + " in 1" * 1900,
    "is": "select 1" + " is 1" * 1900,
    "between": "select " + "1 between " * 900 + "1",
    "escapes": "select 'a' like 'b'" + " escape 'c'" * 1000,
    "casts": "select 1" + "::int" * 1900,
    "dots": "select a" + ".a" * 1900,
    "lists of lists": "select cast(1 as int" + "[]" * 1900 + ")",
    "structs of structs": "select cast(1 as " + "struct<a " * 900 + "int" + ">" * 900 + ")",
    "unions": "select 1" + " union select 1" * 1200,
    "unions of brackets": "select 1" + " union (select 1)" * 700,
    "joins without a condition": "select 1 from a" + " join b" * 12,
    "thousands of joins": "select 1 from a" + " join b" * 1900,
    "joins with their conditions last": "select 1 from a" + " join b" * 12 + " on true" * 12,
    "joins whose last relation is large": "select 1 from a"
    + " join b" * 11
    + " join (values "
    + ", ".join(["(1)"] * 900)
    + ") v",
    "joins under a name that looks like ON": "select 1 from a" + " join b as on" * 12,
    "comments in comments": "select 1 " + "/*" * 9000 + "*/" * 9000,
    "an open comment": "select 1 " + "/*" * 20000,
    "an open text": "select '" + "x''" * 9000,
    "unknown columns": "select " + ", ".join(f"zz{i}" for i in range(1900)),
    "unknown functions": "select " + ", ".join(f"substrin{i}(1)" for i in range(780)),
    "long unknown functions": "select " + ", ".join("f" * 4000 + f"{i}(1)" for i in range(12)),
    "unknown relations": "select 1 from " + ", ".join(f"zz{i}" for i in range(1900)),
}


def statements() -> dict[str, str]:
    """Every statement, under a name."""
    made = dict(REPEATED)
    for fragment in FRAGMENTS:
        made[f"nested {fragment}"] = _nested(fragment, 39 // max(1, sum(fragment.count(sign) for sign in "([{")))
        made[f"left open {fragment}"] = "select " + fragment * 39 + "1"
    return made


def answer_all() -> None:
    """Check each statement in each dialect, and print the answers."""
    for name, sql in statements().items():
        for dialect in DIALECTS:
            started = time.process_time()
            verdict = check(sql, world.ANALYST, dialect=dialect)
            spent = time.process_time() - started
            rules = [v.rule.value for v in verdict.violations] if isinstance(verdict, Refused) else []
            line = {"name": name, "dialect": dialect, "seconds": round(spent, 3), "rules": rules}
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()


def main() -> None:
    """Run in a thread with a small stack."""
    threading.stack_size(STACK)
    thread = threading.Thread(target=answer_all)
    thread.start()
    thread.join()


if __name__ == "__main__":
    main()
