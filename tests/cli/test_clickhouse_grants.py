"""`gateway semantic grants` in force on a real engine: what its user gets, what it is refused, what the doctor sees."""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clickhouse_connect
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from gateway.adapters.clickhouse_address import Address
from tests.cli.conftest import Cli, succeed
from tests.clickhouse import http_server
from tests.clickhouse_users import config_for

CONTRACT = """
version: 1
assets:
  sales:
    description: One row per sale.
    grain: [sale_id]
    columns:
      sale_id: {type: string, role: key, description: Sale.}
      shop:    {type: string, role: dimension, description: Shop.}
      clerk:   {type: string, access: hidden}
      revenue: {type: double, role: measure, additive: [sale_id], description: Euro.}
roles:
  analyst: {assets: "*"}
  partner:
    assets: [sales]
    limits: {rows: 100, seconds: 5}
    row_filter: {sales: "shop = 'ours'"}
"""
MARTS = (
    "CREATE DATABASE gold",
    "CREATE DATABASE payroll",
    """CREATE TABLE gold.sales (sale_id String, shop String, clerk String, revenue Float64)
    ENGINE = MergeTree ORDER BY sale_id""",
    """INSERT INTO gold.sales SELECT toString(number), if(number % 2 = 0, 'ours', 'theirs'), 'Ann', number
    FROM numbers(10)""",
    "CREATE TABLE gold.salaries (name String) ENGINE = MergeTree ORDER BY name",
    "CREATE TABLE payroll.salaries (name String) ENGINE = MergeTree ORDER BY name",
)


@dataclass(frozen=True, slots=True)
class Shop:
    """A working directory with the contract, and the engine's data that every server starts from."""

    cli: Cli
    data: Path

    def printed(self, role: str, *flags: str) -> list[str]:
        arguments = ("semantic", "grants", "--database", "gold", "--role", role, "--format", "json", *flags)
        (made,) = json.loads(succeed(self.cli(*arguments, **self.variables())).out)
        return list(made["statements"])

    def variables(self, **more: str) -> dict[str, str]:
        return {"GATEWAY_SEMANTIC": "contract.yaml", **more}

    @contextmanager
    def server(self, folder: Path, statements: list[str] | None = None) -> Iterator[str]:
        """The address of a server whose user is the printed one, or may do everything."""
        shutil.copytree(self.data, folder, symlinks=True)
        with http_server(config_for(statements, folder) if statements else str(folder)) as address:
            yield f"{address}/gold"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    cli = Cli(tmp_path_factory.mktemp("shop"))
    (cli.folder / "contract.yaml").write_text(CONTRACT)
    data = tmp_path_factory.mktemp("engine") / "data"
    with http_server(str(data)) as address, client(f"{address}/default") as writer:
        for statement in MARTS:
            writer.command(statement)
    return Shop(cli, data)


@pytest.fixture(scope="module")
def partner(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose user is what was printed for the role `partner`."""
    with shop.server(tmp_path_factory.mktemp("partner") / "data", shop.printed("partner", "--pinned")) as address:
        yield address


@contextmanager
def client(url: str) -> Iterator[Any]:
    """ClickHouse's own client, with the user's password and without the gateway."""
    address = Address.parse(url)
    with clickhouse_connect.get_client(
        host=address.host,
        port=address.port,
        username=address.user,
        password=address.password,
        database=address.database,
        autogenerate_session_id=False,
    ) as found:
        yield found


def asking(shop: Shop, url: str, *args: str, role: str = "partner") -> Any:
    variables = shop.variables(GATEWAY_ENGINE="clickhouse", GATEWAY_CLICKHOUSE_URL=url, GATEWAY_ROLE=role)
    return shop.cli(*args, **variables)


def test_a_gateway_answers_as_this_user(shop: Shop, partner: str) -> None:
    statement = "select shop, sum(revenue) as revenue from sales group by shop"
    result = succeed(asking(shop, partner, "sql", statement, "--format", "json"))
    answer = json.loads(result.out)
    assert answer["table"]["rows"] == [["ours", 20.0]]
    assert answer["warnings"] == []


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        pytest.param("SELECT clerk FROM gold.sales", 497, id="hidden column"),
        pytest.param("SELECT * FROM gold.sales", 497, id="star over a hidden column"),
        pytest.param("SELECT shop FROM gold.sales WHERE clerk = 'Ann'", 497, id="hidden column in a filter"),
        pytest.param("SELECT * FROM gold.salaries", 497, id="table beside the contract"),
        pytest.param("SELECT * FROM payroll.salaries", 497, id="another database"),
        pytest.param("SELECT * FROM merge('gold', 'sal')", 497, id="merge"),
        pytest.param("SELECT name FROM system.users", 497, id="users"),
        pytest.param("INSERT INTO gold.sales (sale_id) VALUES ('x')", 497, id="insert"),
        pytest.param("ALTER TABLE gold.sales DELETE WHERE 1", 497, id="delete"),
        pytest.param("TRUNCATE TABLE gold.sales", 497, id="truncate"),
        pytest.param("CREATE TABLE gold.mine (i Int8) ENGINE = Memory", 497, id="create"),
        pytest.param("CREATE DICTIONARY gold.d (k String) PRIMARY KEY k SOURCE(NULL()) LAYOUT(FLAT()) LIFETIME(1)", 497,
                     id="dictionary"),
        pytest.param("SELECT * FROM file('/etc/hostname', 'Raw')", 497, id="file"),
        pytest.param("SELECT * FROM url('http://127.0.0.1:9/', 'CSV', 'a Int8')", 497, id="url"),
        pytest.param("SET max_execution_time = 0", 164, id="no time limit"),
        pytest.param("SET readonly = 0", 164, id="writable"),
        pytest.param("SELECT 1 SETTINGS max_memory_usage = 0", 164, id="setting in the statement"),
        pytest.param("SYSTEM FLUSH LOGS", 497, id="system"),
        pytest.param("GRANT SELECT ON gold.* TO default", 497, id="grant"),
    ],
)  # fmt: skip
def test_the_user_alone_is_refused(partner: str, sql: str, code: int) -> None:
    with client(partner) as user, pytest.raises(DatabaseError) as caught:
        user.raw_query(sql)
    assert caught.value.code == code


def test_the_user_alone_sees_the_roles_rows_and_columns(partner: str) -> None:
    with client(partner) as user:
        assert user.query("SELECT count(), groupUniqArray(shop) FROM gold.sales").result_rows == [(5, ["ours"])]
        assert user.query("SHOW GRANTS FINAL").result_rows == [
            ("GRANT SHOW DATABASES ON gold.* TO default",),
            ("GRANT SELECT(revenue, sale_id, shop) ON gold.sales TO default",),
            ("GRANT SELECT(query, query_id, user) ON system.processes TO default",),
        ]


def test_the_users_limits_are_the_roles(partner: str) -> None:
    with client(partner) as user:
        values = dict(user.query("SELECT name, value FROM system.settings WHERE name LIKE 'max%'").result_rows)
    assert values["max_execution_time"] == "5"
    assert values["max_result_rows"] == "101"


def test_the_user_may_stop_its_own_statements_and_sees_no_others(partner: str) -> None:
    with client(partner) as user:
        assert user.query("SELECT count() FROM system.processes WHERE user != currentUser()").result_rows == [(0,)]
        user.command("KILL QUERY WHERE query_id = 'none' ASYNC")


def test_an_exhausted_quota_is_told_as_such(shop: Shop, tmp_path: Path) -> None:
    statements = shop.printed("partner", "--pinned", "--hourly-queries", "40")
    with shop.server(tmp_path / "data", statements) as address:
        results = [asking(shop, address, "sql", "select count(*) as n from sales") for _ in range(12)]
    assert results[0].code == 0
    assert (results[-1].code, "the user's quota is used up" in results[-1].err) == (5, True)


def stricter(statements: list[str], mode: str) -> list[str]:
    """The profile of a user who may have two rows, and then no more of them, or an error."""
    rows, overflow = "max_result_rows = 101", "result_overflow_mode = 'break'"
    assert any(rows in text and overflow in text for text in statements)
    return [text.replace(rows, "max_result_rows = 2").replace(overflow, overflow.replace("break", mode))
            for text in statements]  # fmt: skip


def test_a_server_that_sends_fewer_rows_is_named_as_the_one_that_cut(shop: Shop, tmp_path: Path) -> None:
    query = "select sale_id from sales order by 1"
    with shop.server(tmp_path / "data", stricter(shop.printed("partner", "--pinned"), "break")) as address:
        cut = json.loads(asking(shop, address, "sql", query, "--format", "json").out)
        whole = json.loads(asking(shop, address, "sql", f"{query} limit 2", "--format", "json").out)["table"]
    assert cut["warnings"] == ["cut at 2 rows, the limit of the engine's user: filter, aggregate or add LIMIT"]
    assert cut["table"]["rows"] == whole["rows"] == [["0"], ["2"]]
    assert [cut["table"][key] for key in ("truncated", "limit", "limit_source")] == [True, 2, "engine"]
    assert [whole[key] for key in ("truncated", "limit", "limit_source")] == [False, 2, "caller"]


def test_a_server_that_sends_nothing_of_too_much_says_that(shop: Shop, tmp_path: Path) -> None:
    with shop.server(tmp_path / "data", stricter(shop.printed("partner", "--pinned"), "throw")) as address:
        result = asking(shop, address, "sql", "select sale_id from sales")
    assert (result.code, "the result is larger than the server's profile allows" in result.err) == (5, True)


def test_the_doctor_finds_nothing_wrong_with_the_printed_user(shop: Shop, partner: str) -> None:
    report = json.loads(succeed(asking(shop, partner, "doctor", "--json")).out)
    found = {check["name"]: (check["status"], check["detail"]) for check in report["checks"]}
    assert {name: status for name, (status, _) in found.items() if status != "ok"} == {"user: quota": "warning"}
    assert found["user: grants"][1] == "nothing but the contract's 3 columns of 1 marts"
    assert "max_result_rows 101" in found["user: ceilings"][1]
    assert found["user: row policies"][1] == "no row outside the row_filter comes out of sales"
    assert {probe["name"] for probe in report["probes"] if probe["name"].startswith("user:")} >= {
        "user:hidden_column:sales.clerk", "user:catalogue", "user:url", "user:file_table", "user:setting",
    }  # fmt: skip


def test_the_doctor_names_rows_that_no_policy_holds_back(shop: Shop, tmp_path: Path) -> None:
    with shop.server(tmp_path / "data", shop.printed("analyst", "--pinned")) as address:
        result = asking(shop, address, "doctor", "--json")
    (policies,) = [check for check in json.loads(result.out)["checks"] if check["name"] == "user: row policies"]
    assert result.code == 6
    assert policies["status"] == "failed"
    assert policies["detail"].startswith("sales shows 5 rows that the contract's row_filter does not")


def test_the_doctor_names_what_a_user_may_do_too_much(shop: Shop, tmp_path: Path) -> None:
    with ExitStack() as stack:
        address = stack.enter_context(shop.server(tmp_path / "data"))
        result = asking(shop, address, "doctor", "--json", role="analyst")
    report = json.loads(result.out)
    found = {check["name"]: check for check in report["checks"]}
    assert result.code == 6
    assert found["user: grants"]["status"] == "failed"
    assert "SELECT on *.*" in found["user: grants"]["detail"]
    assert found["user: profile"]["status"] == found["user: ceilings"]["status"] == "warning"
    holes = {probe["name"] for probe in report["probes"] if not probe["refused"]}
    assert {"user:hidden_column:sales.clerk", "user:setting"} <= holes


def test_on_duckdb_the_published_file_is_the_wall(shop: Shop) -> None:
    result = shop.cli("semantic", "grants", **shop.variables())
    assert (result.code, result.out) == (6, "")
    assert "the second wall is the published file" in result.err


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        pytest.param(("--role", "partnr"), 6, "no role 'partnr'", id="role"),
        pytest.param(("--host", "example.org"), 2, "is no address or network", id="host"),
        pytest.param(("--format", "xml"), 2, "", id="format"),
        pytest.param(("--hourly-queries", "0"), 2, "", id="quota"),
    ],
)
def test_bad_input_is_said(shop: Shop, flags: tuple[str, ...], code: int, said: str) -> None:
    result = shop.cli("semantic", "grants", "--database", "gold", *flags, **shop.variables())
    assert (result.code, result.out) == (code, "")
    assert said in result.err


def test_the_script_says_what_to_do_with_it(shop: Shop) -> None:
    result = succeed(shop.cli("semantic", "grants", "--database", "gold", **shop.variables()))
    statements = [line for line in result.out.splitlines() if line and not line.startswith(("--", " ", "TO "))]
    assert "CREATE USER IF NOT EXISTS `gateway_partner` IDENTIFIED WITH" in result.out
    assert "-- Role analyst of the contract: user gateway_analyst on database gold." in result.out
    assert all(line.split()[0] in {"CREATE", "ALTER", "GRANT", "REVOKE", "DROP"} for line in statements)
    assert "printed, not run" in result.err
