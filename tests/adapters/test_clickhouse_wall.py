"""What a ClickHouse user may do beside the contract, read off its grants as the server writes them."""

import pytest

from gateway.adapters.clickhouse_wall import beyond

READABLE = {"sales": ("sale_id", "revenue"), "shops": ("shop_id",)}
THERE = {"sales": {"sale_id", "revenue", "clerk"}, "shops": {"shop_id"}}


@pytest.mark.parametrize(
    ("line", "holes", "loose"),
    [
        ("GRANT SHOW DATABASES ON gold.* TO gateway", [], []),
        ("GRANT SELECT(revenue, sale_id) ON gold.sales TO gateway", [], []),
        ("GRANT SELECT(query, query_id, user) ON system.processes TO gateway", [], []),
        ("GRANT SELECT(cluster) ON system.clusters TO gateway", [], []),
        ("GRANT SELECT(clerk, sale_id) ON gold.sales TO gateway", ["sales.clerk"], []),
        ("GRANT SELECT ON gold.sales TO gateway", ["sales.clerk"], []),
        ("GRANT SELECT ON `gold`.`shops` TO gateway", [],
         ["SELECT on `gold`.`shops`: what is added there later is granted with it"]),
        ("GRANT SELECT ON gold.* TO gateway", ["sales.clerk"], []),
        ("GRANT SELECT(name) ON gold.salaries TO gateway", ["table salaries"], []),
        ("GRANT SELECT ON *.* TO gateway", ["SELECT on *.*"], []),
        ("GRANT SELECT ON payroll.people TO gateway", ["SELECT on payroll.people"], []),
        ("GRANT INSERT, SELECT(sale_id) ON gold.sales TO gateway", ["INSERT on gold.sales"], []),
        ("GRANT SELECT(sale_id), ALTER DELETE ON gold.sales TO gateway", ["ALTER DELETE on gold.sales"], []),
        ("GRANT dictGet ON gold.people TO gateway", ["dictGet on gold.people"], []),
        ("GRANT READ ON URL TO gateway", ["READ on URL"], []),
        ("GRANT CREATE TEMPORARY TABLE, KILL QUERY ON *.* TO gateway",
         ["CREATE TEMPORARY TABLE on *.*", "KILL QUERY on *.*"], []),
        ("GRANT SELECT ON system.query_log TO gateway", [], ["SELECT on system.query_log"]),
        ("GRANT SELECT(sale_id) ON gold.sales TO gateway WITH GRANT OPTION",
         ["may pass on: GRANT SELECT(sale_id) ON gold.sales TO gateway WITH GRANT OPTION"], []),
        ("GRANT analysts TO gateway", [], ["GRANT analysts TO gateway: what roles add isn't told by this server"]),
        ("REVOKE SELECT(clerk) ON gold.sales FROM gateway", [], []),
    ],
)  # fmt: skip
def test_a_grant_is_held_against_the_contract(line: str, holes: list[str], loose: list[str]) -> None:
    assert beyond([line], "gold", READABLE, THERE) == (holes, loose)
