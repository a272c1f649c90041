"""The second wall's statements: the contract's columns and nothing else, limits first, each in ClickHouse's words."""

import re
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.clickhouse_limits import MEANING, Constraint, Limits, profile, terms
from gateway.semantic.grants import Quota, RoleGrants, Setting, Wall, grants, readable
from gateway.semantic.load import load_contract
from gateway.semantic.model import Contract
from tests.clickhouse import Database, Failed

SETTINGS = profile(1_000, 10, Limits())
FILTERS = {"partner": {"fct_sales": "shop_id LIKE 'partner_%'"}}


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract.model_validate(
        {
            "version": 1,
            "assets": {
                "fct_sales": {
                    "description": "Sales.",
                    "grain": ["shop_id"],
                    "columns": {
                        "shop_id": {"type": "string", "role": "key"},
                        "clerk": {"type": "string", "access": "hidden"},
                        "till": {"type": "string", "access": "filter"},
                        "revenue": {"type": "double", "access": "aggregate"},
                    },
                },
                "dim_shops": {
                    "description": "Shops.",
                    "grain": ["shop_id"],
                    "columns": {"shop_id": {"type": "string", "role": "key"}},
                },
            },
            "roles": {
                "analyst": {"assets": "*"},
                "partner": {"assets": ["fct_sales"], "row_filter": {"fct_sales": "shop_id LIKE 'partner_%'"}},
            },
        }
    )


def made(
    contract: Contract, role: str, wall: Wall | None = None, settings: tuple[Setting, ...] = SETTINGS
) -> RoleGrants:
    return grants(contract, role, wall or Wall("gold"), settings, FILTERS)


def the(made: RoleGrants, beginning: str) -> list[str]:
    return [statement for statement in made.statements if statement.startswith(beginning)]


def test_what_is_hidden_or_not_the_roles_is_not_granted(contract: Contract) -> None:
    assert readable(contract, "partner") == {"fct_sales": ("shop_id", "till", "revenue")}
    (grant,) = the(made(contract, "partner"), "GRANT\n")
    assert grant.splitlines()[1:] == [
        "    SHOW DATABASES ON `gold`.*,",
        "    SELECT(`shop_id`, `till`, `revenue`) ON `gold`.`fct_sales`,",
        "    SELECT(query_id, query, user) ON system.processes",
        "TO `gateway_partner_role` WITH REPLACE OPTION",
    ]


def test_limits_and_policies_stand_before_the_first_grant(contract: Contract) -> None:
    kinds = [re.split(r" `|\n| IF| OR", statement)[0] for statement in made(contract, "partner").statements]
    assert kinds.index("GRANT") > max(
        place for place, kind in enumerate(kinds) if kind in ("ALTER SETTINGS PROFILE", "CREATE ROW POLICY")
    )
    assert kinds[-4:] == ["CREATE USER", "REVOKE ALL ON *.* FROM", "GRANT", "ALTER USER"]


def test_a_filtered_role_has_a_policy_that_no_other_one_widens(contract: Contract) -> None:
    marts = [text for text in the(made(contract, "partner"), "CREATE ROW POLICY") if "`gold`" in text]
    assert [re.search(r"USING (.*) AS (\w+) TO (.*)", text).groups() for text in marts] == [  # type: ignore[union-attr]
        ("shop_id LIKE 'partner_%'", "RESTRICTIVE", "`gateway_partner_role`"),
        ("shop_id LIKE 'partner_%'", "PERMISSIVE", "`gateway_partner_role`"),
    ]


def test_others_still_see_a_table_that_is_filtered_for_one_role(contract: Contract) -> None:
    wall = Wall("gold", owner="publisher")
    marts = [text for text in the(made(contract, "analyst", wall), "CREATE ROW POLICY") if "`gold`" in text]
    assert [text.partition("USING ")[2] for text in marts] == [
        "1 AS PERMISSIVE TO `gateway_analyst_role`",
        "1 AS PERMISSIVE TO `publisher`",
    ]


def test_a_filter_that_the_contract_no_longer_has_is_dropped(contract: Contract) -> None:
    assert the(made(contract, "analyst"), "DROP ROW POLICY") == [
        "DROP ROW POLICY IF EXISTS `gateway_analyst_limit` ON `gold`.`fct_sales`, `gold`.`dim_shops`"
    ]


def test_no_password_is_written_and_the_place_for_one_is_no_hash(contract: Contract) -> None:
    (user,) = the(made(contract, "analyst"), "CREATE USER")
    assert user.endswith("IDENTIFIED WITH sha256_hash BY '<SHA-256 of the password, in hex>'")


def test_the_profile_lets_the_gateway_send_what_it_sends_and_no_more(contract: Contract) -> None:
    (altered,) = the(made(contract, "analyst"), "ALTER SETTINGS PROFILE")
    assert "readonly = 1 CONST" in altered
    assert "max_execution_time = 10 MIN 0.001 MAX 10 CHANGEABLE_IN_READONLY" in altered
    assert "max_result_rows = 1001 MIN 1 MAX 1001 CHANGEABLE_IN_READONLY" in altered
    assert all(f"{name} = {value} CONST" in altered.replace("'", "") for name, value in MEANING.items())


@pytest.mark.parametrize("is_pinned", [False, True])
def test_the_engine_agrees_to_the_profile_without_a_warning(is_pinned: bool) -> None:
    """As the server tells its constraints to the user of the profile."""
    constraints = {
        setting.name: Constraint(setting.value, setting.low or None, setting.value if setting.low else None,
                                 is_fixed=is_pinned or not setting.low)
        for setting in SETTINGS
    }  # fmt: skip
    wanted = {setting.name: setting.value for setting in SETTINGS if setting.name.startswith(("max_", "timeout"))}
    agreed = terms(wanted, constraints)
    assert agreed.notes == ()
    assert "readonly" not in agreed.settings
    assert set(agreed.settings) == (set() if is_pinned else {name for name in wanted if name.startswith("max_")})


def test_pinned_limits_are_all_fixed(contract: Contract) -> None:
    (altered,) = the(made(contract, "analyst", Wall("gold", is_pinned=True)), "ALTER SETTINGS PROFILE")
    assert all(line.rstrip(",").endswith(" CONST") for line in altered.splitlines()[1:])


def test_on_a_cluster_every_statement_goes_to_all_of_it(contract: Contract) -> None:
    clustered = made(contract, "partner", Wall("gold", cluster="main"))
    assert [text for text in clustered.statements if "ON CLUSTER `main`" not in text] == []
    assert "SELECT(cluster) ON system.clusters" in the(clustered, "GRANT ON CLUSTER `main`\n")[0]


def test_names_and_addresses_cannot_leave_their_place(contract: Contract) -> None:
    hostile = made(contract, "partner", Wall("go`ld", prefix="a`; DROP DATABASE gold; --"))
    assert all("`a\\`; DROP DATABASE gold; --" in text for text in hostile.statements if "TO " in text)
    assert list(Wall("gold", hosts=("10.0.0.0/8", "::1")).problems()) == []
    assert len(list(Wall("gold", hosts=("10.0.0.1' OR", "example.org")).problems())) == 2


def walls() -> list[Any]:
    return [
        pytest.param(Wall("gold"), id="plain"),
        pytest.param(Wall("gold", is_pinned=True, owner="default"), id="pinned"),
        pytest.param(Wall("gold", cluster="main", hosts=("10.0.0.0/8", "::1"), quota=Quota(10, 20)), id="cluster"),
        pytest.param(Wall("go`ld\\", prefix="a b'`"), id="odd names"),
    ]


@pytest.mark.parametrize("role", ["analyst", "partner"])
@pytest.mark.parametrize("wall", walls())
def test_clickhouse_reads_every_statement(contract: Contract, wall: Wall, role: str) -> None:
    database = Database("grants")
    for statement in made(contract, role, wall).statements:
        database.run("SELECT formatQuerySingleLine({sql:String}) AS text", {"sql": statement})
    database.close()


def test_clickhouse_reads_every_statement_of_the_contract_that_comes_with_the_gateway() -> None:
    contract = load_contract(Path("marts_sql/semantic_layer.yaml"))
    database = Database("grants")
    for role in contract.roles:
        for statement in grants(contract, role, Wall("gold"), SETTINGS, {}).statements:
            database.run("SELECT formatQuerySingleLine({sql:String}) AS text", {"sql": statement})
    with pytest.raises(Failed, match="Syntax error"):
        database.run("SELECT formatQuerySingleLine('GRANT SELECT(a ON gold.t TO b') AS text")
    database.close()
