"""The parts put together: settings reach the parts they are for, and what they ask for and is not there is said."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import ContractError
from gateway.guard import Policy
from gateway.service import Caller
from gateway.settings import LimitSettings, Settings, resource
from gateway.wiring import build, contract_for, engine_for, policy_for
from tests.conftest import Demo

CALLER = Caller("ana", "analyst", "python", "itt")
STATEMENT = "select metric_id from dim_metrics order by metric_id"


def settings(home: Path, **given: Any) -> Settings:
    return Settings(home=home, principal="ana", **{"semantic": resource("marts_sql") / "semantic_layer.yaml"} | given)


def policy(role: str, **limits: Any) -> Policy:
    contract = contract_for(settings(Path("nowhere")))
    return policy_for(contract.mapping(), role, LimitSettings(**limits))


def test_a_gateway_answers_from_the_home_of_its_settings(demo: Demo) -> None:
    with build(settings(demo.home)) as gateway:
        reply = gateway.ask("Did one-page checkout increase conversion?", CALLER)
        assert [item.verdict for item in reply.answer.evidence] == ["better"]
        event = gateway.audit.get(reply.answer.audit_id)
    assert event is not None
    assert (demo.home / "audit.sqlite").is_file()
    assert demo.gateway.audit.get(reply.answer.audit_id) == event


def test_without_published_marts_a_question_is_a_configuration_error_on_record(tmp_path: Path) -> None:
    with build(settings(tmp_path)) as gateway:
        reply = gateway.ask("Did one-page checkout increase conversion?", CALLER)
        (event,) = gateway.audit.recent()
    assert (reply.answer.status, reply.exit_code) == ("error", 6)
    assert str(tmp_path / "gold.duckdb") in reply.answer.text
    assert (event.status, event.text) == ("error", reply.answer.text)


def test_limits_of_the_settings_lower_those_of_the_role(demo: Demo) -> None:
    with build(settings(demo.home, limits=LimitSettings(rows=2))) as gateway:
        table = gateway.run_sql(STATEMENT, CALLER).answer.table
    assert (len(table.rows), table.truncated) == (2, True)


def test_a_question_that_needs_more_rows_than_the_limit_is_not_answered_from_some_of_them(demo: Demo) -> None:
    with build(settings(demo.home, limits=LimitSettings(rows=2))) as gateway:
        reply = gateway.ask("Did one-page checkout increase conversion?", CALLER)
    assert (reply.answer.status, reply.exit_code, reply.answer.evidence) == ("error", 2, [])
    assert "has more rows for this than role 'analyst' may read (2)" in reply.answer.text


@pytest.mark.parametrize(
    ("role", "limits", "expected"),
    [
        pytest.param("analyst", {}, (10_000, 30.0), id="the role's own"),
        pytest.param("viewer", {"rows": 50, "seconds": 2}, (50, 2.0), id="lowered"),
        pytest.param("viewer", {"rows": 99_999, "seconds": 600}, (1_000, 15.0), id="never raised"),
    ],
)
def test_limits_are_the_stricter_of_role_and_settings(
    role: str, limits: dict[str, float], expected: tuple[int, float]
) -> None:
    found = policy(role, **limits)
    assert (found.max_rows, found.max_seconds) == expected


def test_other_limits_are_another_policy_to_the_audit_log() -> None:
    assert policy("analyst").fingerprint == policy("analyst").fingerprint
    assert policy("analyst").fingerprint != policy("analyst", rows=5).fingerprint
    assert policy("analyst").fingerprint != policy("viewer").fingerprint


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param(
            {"engine": "clickhouse", "clickhouse_url": "postgres://host/db"},
            "begins with none of http://, https://, chdb://",
            id="address",
        ),
        pytest.param({"planner": "openai"}, "GATEWAY_MODEL_NAME", id="a model without a name"),
        pytest.param({"planner": "openai"}, "GATEWAY_MODEL_API_KEY", id="a model without a key"),
        pytest.param({"role": "admin"}, "no role 'admin'; there are: analyst, viewer", id="role"),
        pytest.param({"semantic": Path("nowhere.yaml")}, "nowhere.yaml", id="semantic layer"),
    ],
)
def test_what_the_settings_ask_for_and_is_not_there_is_never_replaced(
    tmp_path: Path, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ContractError) as refused:
        build(settings(tmp_path, **given))
    assert message in "\n".join([refused.value.message, *refused.value.problems])


def test_building_reads_nothing_and_leaves_nothing_behind(tmp_path: Path) -> None:
    home = tmp_path / "home"
    build(settings(home)).close()
    assert not home.exists()


def test_a_gateway_can_be_closed_twice(demo: Demo) -> None:
    gateway = build(settings(demo.home))
    gateway.run_sql(STATEMENT, CALLER)
    gateway.close()
    gateway.close()


def test_two_gateways_share_a_home(demo: Demo) -> None:
    with build(settings(demo.home)) as one, build(settings(demo.home)) as other:
        first, second = one.run_sql(STATEMENT, CALLER), other.run_sql(STATEMENT, CALLER)
    assert first.answer.table == second.answer.table
    assert first.answer.audit_id != second.answer.audit_id


@pytest.mark.parametrize("given", [{}, {"engine": "clickhouse", "clickhouse_url": "https://nowhere.invalid/db"}])
def test_the_engine_is_named_after_its_dialect(tmp_path: Path, given: dict[str, Any]) -> None:
    engine = engine_for(settings(tmp_path, **given))
    assert engine.name == given.get("engine", "duckdb")
    engine.close()


def test_duckdb_alone_loads_nothing_of_clickhouse(demo: Demo) -> None:
    code = (
        "import sys; from pathlib import Path; from gateway.settings import load_settings; "
        "from gateway.wiring import build; from gateway.service import Caller\n"
        f"with build(load_settings(None, {{'home': Path({str(demo.home)!r})}})) as gateway:\n"
        f"    gateway.run_sql({STATEMENT!r}, Caller('ana', 'analyst', 'python'))\n"
        "assert not [name for name in sys.modules if name.startswith(('clickhouse_connect', 'chdb', 'urllib3'))]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
