"""The commands of the pipeline where the engine is ClickHouse: in this folder, by the engine inside the process."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, succeed
from tests.clickhouse import need


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """A working directory whose settings name ClickHouse, with the demo world made there."""
    need()
    folder = tmp_path_factory.mktemp("clickhouse")
    (folder / "gateway.yaml").write_text(f"engine: clickhouse\nclickhouse_url: chdb://{folder / 'data'}\n")
    cli = Cli(folder)
    made = succeed(cli.process("demo", "--users", "400"))
    assert "── A refusal" in made.out
    return cli


def test_the_demo_is_made_once(there: Cli) -> None:
    again = succeed(there.process("demo", "--users", "400"))
    assert "reusing database gold of chdb in" in again.err
    assert "building" not in again.err


def test_status_tells_of_the_databases(there: Cli) -> None:
    found = json.loads(succeed(there.process("marts", "status", "--json")).out)
    assert (found["warehouse"], found["gold"], found["is_stale"]) == ("gold_warehouse", "gold", False)
    assert dict(found["tables"])["dim_experiments"] == 13
    assert not (there.home / "gold.duckdb").exists()


def test_steps_one_by_one(there: Cli) -> None:
    loaded = succeed(there.process("marts", "load"))
    assert "loaded 0 rows" in loaded.out
    built = succeed(there.process("marts", "build", "--incremental"))
    assert built.out.startswith("built 30 tables in ")
    assert "the events of 0 of " in built.err
    stale = succeed(there.process("marts", "status"))
    assert "next: gateway marts publish" in stale.err


def test_an_import_is_answered(there: Cli, tmp_path: Path) -> None:
    rows = [f"{arm},{i % 5 == 0 or (arm == 'b' and i % 3 == 0):d}" for arm in "ab" for i in range(300)]
    (tmp_path / "mail.csv").write_text("\n".join(["arm,opened", *rows]))
    done = succeed(
        there.process(
            "import", str(tmp_path / "mail.csv"), "--experiment", "mail", "--variant", "arm", "--control", "a",
            "--metric", "opened=opened:occurrence",
        )
    )  # fmt: skip
    assert "published database gold of chdb in" in done.out
    asked = succeed(there.process("ask", "Did mail change opened?", "--population", "itt"))
    assert "better" in asked.out


def test_there_is_nothing_to_load_on_duckdb(empty: Cli) -> None:
    refused = empty("marts", "load")
    assert refused.code == 2
    assert refused.err.startswith(
        "error: nothing is to be loaded: on DuckDB the marts are built from the local warehouse"
    )
    refused = empty("marts", "build", "--incremental")
    assert (refused.code, "--incremental is for ClickHouse" in refused.err) == (2, True)
