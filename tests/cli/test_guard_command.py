"""`gateway guard`: one verdict for each line, in order, whatever the lines are, and no warehouse anywhere near."""

import json
import subprocess
import sys
from typing import Any

from tests.cli.conftest import Cli

GOOD = "select experiment_id, status from fct_experiment_srm where analysis_population = 'itt'"
BAD = "select * from fct_events"


def lines(*requests: Any) -> str:
    return "".join((item if isinstance(item, str) else json.dumps(item)) + "\n" for item in requests)


def verdicts(out: str) -> list[tuple[Any, str]]:
    return [(row["id"], row["verdict"]) for row in map(json.loads, out.splitlines())]


def test_each_line_gets_a_verdict_in_order(empty: Cli) -> None:
    result = empty("guard", stdin=lines({"id": "a", "sql": GOOD}, {"id": 2, "sql": BAD}, {"id": None, "sql": GOOD}))
    assert (result.code, result.err) == (0, "")
    assert verdicts(result.out) == [("a", "approved"), (2, "refused"), (None, "approved")]


def test_a_verdict_has_every_part_of_its_shape(empty: Cli) -> None:
    result = empty("guard", stdin=lines({"id": "a", "sql": GOOD}, {"id": "b", "sql": BAD}))
    approved, refused = map(json.loads, result.out.splitlines())
    assert list(approved) == list(refused) == ["id", "verdict", "violations", "warnings", "sql"]
    assert approved["sql"].startswith("SELECT")
    assert approved["violations"] == []
    assert refused["sql"] is None
    (reason,) = refused["violations"]
    assert list(reason) == ["rule", "message", "hint", "line", "column", "token", "allowed"]


def test_a_bad_line_is_reported_and_does_not_stop_the_rest(empty: Cli) -> None:
    stdin = lines("not json", "[1]", '{"id": 3}', "", "[" * 100_000, {"id": "last", "sql": GOOD})
    result = empty("guard", stdin=stdin)
    assert result.code == 0
    assert verdicts(result.out) == [
        (None, "error"), (None, "error"), (3, "error"), (None, "error"), ("last", "approved"),
    ]  # fmt: skip


def test_strict_exits_with_3_when_any_statement_is_refused(empty: Cli) -> None:
    assert empty("guard", "--strict", stdin=lines({"id": 1, "sql": GOOD})).code == 0
    assert empty("guard", "--strict", stdin=lines({"id": 1, "sql": BAD}, {"id": 2, "sql": GOOD})).code == 3


def test_it_reads_a_file(empty: Cli) -> None:
    (empty.folder / "corpus.jsonl").write_text(lines({"id": 1, "sql": GOOD}), "utf-8")
    assert verdicts(empty("guard", "corpus.jsonl").out) == [(1, "approved")]


def test_a_missing_file_is_a_usage_error(empty: Cli) -> None:
    result = empty("guard", "nowhere.jsonl")
    assert (result.code, result.out) == (2, "")
    assert "nowhere.jsonl" in result.err


def test_a_contract_of_ones_own_decides(empty: Cli) -> None:
    (empty.folder / "own.yaml").write_text(
        "version: 1\n"
        "assets:\n"
        "  sales:\n"
        "    description: Sales.\n"
        "    grain: [id]\n"
        "    columns:\n"
        "      id: {type: integer, role: key}\n"
        "roles:\n"
        "  analyst: {assets: '*'}\n",
        "utf-8",
    )
    stdin = lines({"id": 1, "sql": "select id from sales"}, {"id": 2, "sql": GOOD})
    assert verdicts(empty("guard", "--semantic", "own.yaml", stdin=stdin).out) == [(1, "approved"), (2, "refused")]


def test_a_broken_contract_is_6_with_every_problem(empty: Cli) -> None:
    (empty.folder / "own.yaml").write_text("version: 1\nassets: {}\nroles: 3\n", "utf-8")
    result = empty("guard", "--semantic", "own.yaml")
    assert result.code == 6
    assert "own.yaml:2" in result.err
    assert "own.yaml:3" in result.err
    assert "Traceback" not in result.err


def test_an_unknown_role_is_6(empty: Cli) -> None:
    assert empty("guard", "--role", "nobody").code == 6


def test_it_leaves_no_state_behind(empty: Cli) -> None:
    empty("guard", stdin=lines({"id": 1, "sql": GOOD}))
    assert not empty.home.exists()


def test_a_reader_that_leaves_early_is_no_error(empty: Cli) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "guard"],
        cwd=empty.folder,
        env=empty.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(lines({"id": 1, "sql": GOOD}))
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["id"] == 1  # each verdict comes as soon as its line does
    process.stdout.close()
    process.stdin.write(lines({"id": 2, "sql": GOOD}))
    process.stdin.close()
    assert process.wait(timeout=30) == 0
    assert process.stderr.read() == ""
    process.stderr.close()


def test_every_line_out_is_json_also_where_the_line_in_was_not(empty: Cli) -> None:
    def strict(constant: str) -> None:
        raise AssertionError(constant)

    stdin = lines('{"id": NaN, "sql": "select 1"}', '{"id": 1, "sql": "select 1", "n": Infinity}')
    result = empty("guard", stdin=stdin)
    found = [json.loads(line, parse_constant=strict) for line in result.out.splitlines()]
    assert [(row["id"], row["verdict"]) for row in found] == [(None, "error"), (None, "error")]


def test_a_folder_instead_of_a_file_is_2(empty: Cli) -> None:
    (empty.folder / "statements").mkdir()
    result = empty("guard", "statements")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: a folder, not a file: statements\n")


def test_statements_of_one_dialect_are_checked_for_an_engine_of_the_other(empty: Cli) -> None:
    stdin = lines(
        {"id": "same", "sql": "select uniqExact(experiment_id) as n from dim_experiments"},
        {"id": "other", "sql": "select median(n_variations) as m from dim_experiments"},
    )
    result = empty("guard", "--dialect", "clickhouse", "--engine", "duckdb", stdin=stdin)
    same, other = map(json.loads, result.out.splitlines())
    assert "COUNT(DISTINCT experiment_id)" in same["sql"]
    assert [(reason["rule"], reason["line"], reason["column"]) for reason in other["violations"]] == [
        ("dialect_differs", 1, 15)
    ]
