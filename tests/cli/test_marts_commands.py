"""`gateway marts`: each step says what it did and what is next, and a failed check keeps the last good marts."""

import errno
import json
from pathlib import Path

import duckdb
import pytest

from tests.cli.conftest import Cli

WINNER = ("ask", "Did one-page checkout increase conversion?", "--population", "itt", "--json")


def test_the_steps_from_nothing_to_an_answer(empty: Cli) -> None:
    seeded = empty("marts", "seed", "--users", "300", "--days", "12")
    assert seeded.code == 0
    assert seeded.out.startswith("seeded 13 experiments: 300 users, 12 days")
    assert "next: gateway marts build" in seeded.err
    built = empty("marts", "build")
    assert built.code == 0
    assert built.out.startswith("built ")
    checked = empty("marts", "check")
    assert checked.code == 0
    assert checked.out.endswith(" checks passed\n")
    published = empty("marts", "publish")
    assert published.code == 0
    assert published.out.startswith("published ")
    assert empty(*WINNER).code == 0


def test_status_follows_the_steps(empty: Cli) -> None:
    nothing = empty("marts", "status")
    assert nothing.code == 0
    assert "gateway demo" in nothing.err
    empty("marts", "seed", "--users", "300", "--days", "12")
    assert "next: gateway marts build" in empty("marts", "status").err
    empty("marts", "build")
    assert "next: gateway marts publish" in empty("marts", "status").err
    empty("marts", "publish")
    done = empty("marts", "status", "--json")
    state = json.loads(done.out)
    assert (state["is_stale"], done.code) == (False, 0)
    assert "fct_experiment_results" in dict(state["tables"])


def test_a_failed_check_names_its_rows_and_keeps_the_published_marts(copy_of_world: Cli) -> None:
    gold = copy_of_world.home / "gold.duckdb"
    before = gold.read_bytes()
    with duckdb.connect(str(copy_of_world.home / "warehouse.duckdb")) as con:
        con.execute("update dim_experiments set status = 'lost' where experiment_id = 'price_badges'")
    for step in ("check", "publish"):
        result = copy_of_world("marts", step)
        assert (result.code, result.out) == (6, "")
        assert "accepted_values" in result.err
        assert "price_badges" in result.err
        assert "Traceback" not in result.err
    assert gold.read_bytes() == before
    assert copy_of_world(*WINNER).code == 0


@pytest.mark.parametrize("step", ["build", "check", "publish"])
def test_a_missing_warehouse_is_6_and_says_what_makes_one(empty: Cli, step: str) -> None:
    result = empty("marts", step)
    assert (result.code, result.out) == (6, "")
    assert "gateway marts seed" in result.err


@pytest.mark.parametrize("args", [("--users", "0"), ("--days", "1"), ("--users", "many"), ("--seed", "-1")])
def test_a_world_that_cannot_be_is_2(empty: Cli, args: tuple[str, ...]) -> None:
    result = empty("marts", "seed", *args)
    assert (result.code, result.out) == (2, "")
    assert not (empty.home / "warehouse.duckdb").exists()


def test_a_warehouse_in_use_is_5(copy_of_world: Cli) -> None:
    with duckdb.connect(str(copy_of_world.home / "warehouse.duckdb")):
        result = copy_of_world.process("marts", "build")
    assert result.code == 5
    assert "in use" in result.err


def test_a_warehouse_that_is_no_database_is_6(copy_of_world: Cli) -> None:
    (copy_of_world.home / "warehouse.duckdb").write_text("not a database " * 1000, "utf-8")
    result = copy_of_world("marts", "build")
    assert result.code == 6
    assert "is not a DuckDB database" in result.err


def test_quiet_says_nothing_but_the_result(empty: Cli) -> None:
    result = empty("marts", "seed", "--users", "300", "--days", "12", "--quiet")
    assert (result.code, result.err) == (0, "")


@pytest.mark.parametrize("content", [b"", b"not a database " * 1000])
def test_a_damaged_published_file_is_a_state_that_publishing_mends(copy_of_world: Cli, content: bytes) -> None:
    (copy_of_world.home / "gold.duckdb").write_bytes(content)
    status = copy_of_world("marts", "status")
    assert status.code == 0
    assert "the published file .gateway/gold.duckdb is not a DuckDB database" in status.out
    assert status.err == "next: gateway marts publish\n"
    assert copy_of_world("marts", "publish").code == 0
    assert copy_of_world(*WINNER).code == 0


def test_a_home_that_cannot_be_written_is_5_before_anything_is_done(
    copy_of_world: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_path: Path, *, missing_ok: bool = False) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", refused)
    result = copy_of_world("marts", "seed", "--users", "300")
    assert (result.code, result.out) == (5, "")
    assert "error: .gateway can't be written: Read-only file system" in result.err
    assert "GATEWAY_HOME" in result.err
