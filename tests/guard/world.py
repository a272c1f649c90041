"""The tables behind the tests' contract, on a real DuckDB file, with canaries in everything that must stay unread."""

from pathlib import Path

import duckdb
import yaml

from gateway.guard import Policy

HERE = Path(__file__).parent
CONTRACT = yaml.safe_load((HERE / "contract.yaml").read_text(encoding="utf-8"))
POLICIES = {role: Policy.from_mapping(CONTRACT, role) for role in CONTRACT["roles"]}
ANALYST = POLICIES["analyst"]
CANARY = "CANARY"

_TABLES = """
create table dim_experiments as select * from (values
    ('e_one', 'One', 'running', timestamp '2026-02-01 10:00', 'CANARY-owner-1'),
    ('e_two', 'Two', 'ended', timestamp '2026-01-01 10:00', 'CANARY-owner-2'),
    ('p_one', 'Partner', 'ended', timestamp '2026-03-01 10:00', 'CANARY-owner-3')
) t(experiment_id, name, status, started_at, owner);
create table dim_metrics as select * from (values
    ('conversion', 'Conversion', 'increase'), ('refunds', 'Refunds', 'decrease')) t(metric_id, label, desired);
create table fct_results as
select e.experiment_id, m.metric_id, v.variation_id, p.analysis_population, d.dimension, d.dimension_value,
       (100 + 7 * (row_number() over (order by e.experiment_id, m.metric_id, v.variation_id, p.analysis_population,
        d.dimension, d.dimension_value)))::bigint as n_users,
       (10 + length(e.experiment_id || m.metric_id || d.dimension_value))::bigint as conversions,
       (10 + length(d.dimension_value)) / 128.0 as conversion_rate,
       (length(m.metric_id) - 9) / 64.0 as uplift_abs,
       case when m.metric_id = 'refunds' then 'flat' else 'significant positive' end as statsig
from dim_experiments e cross join dim_metrics m cross join (values ('control'), ('treatment')) v(variation_id)
cross join (values ('itt'), ('exposed')) p(analysis_population)
cross join (values ('all', 'all'), ('platform', 'ios'), ('platform', 'web')) d(dimension, dimension_value);
create table fct_daily as
select e.experiment_id, date '2026-02-01' + i::integer as date_day,
       (i * 3 + 1)::bigint as n_events, i / 16.0 as exposure_rate
from dim_experiments e cross join range(5) r(i);
create table fct_cohort as
select e.experiment_id, 'CANARY-unit-' || i as unit_id, if(i % 2 = 0, 'control', 'treatment') as variation_id,
       if(i % 3 = 0, 'ios', 'web') as platform, if(i % 4 = 0, 'CANARY-land-a', 'CANARY-land-b') as country,
       if(i = 7, 9876543.25, i / 4.0) as spend
from dim_experiments e cross join range(40) r(i);
create table fct_restricted as select 'e_one' as experiment_id, 'CANARY-note' as note;
create table payroll as select 'CANARY-person' as person, 1234567 as salary;
create schema hr; create table hr.dim_experiments as select 'CANARY-schema' as experiment_id, 'CANARY' as name;
"""
_UNSEEN = "alter table dim_experiments drop owner; alter table fct_cohort drop unit_id;"

SECRETS = {
    "CANARY-owner": "ANOTHER-owner",
    "CANARY-unit": "ANOTHER-unit",
    "CANARY-person": "ANOTHER-person",
    "CANARY-note": "ANOTHER-note",
    "insert into name values ('One')": "insert into name values ('Two')",
    "CANARY-schema": "ANOTHER-schema",
    "CANARY-join": "ANOTHER-join",
    "CANARY-dictionary": "ANOTHER-dictionary",
    "1234567": "7654321",
}
"""What no role may see, and what stands in its place in the other world."""


def build(path: Path) -> None:
    """Write the world to a new file."""
    with duckdb.connect(str(path)) as con:
        con.execute(_TABLES)


def build_with_other_secrets(path: Path) -> None:
    """The same world, with other values in hidden columns and in tables outside the contract."""
    tables = _TABLES
    for secret, other in SECRETS.items():
        tables = tables.replace(secret, other)
    with duckdb.connect(str(path)) as con:
        con.execute(tables)


def build_for_partner(path: Path) -> None:
    """What is left of the world when all that the role `partner` may not see is taken out of it."""
    assets = CONTRACT["roles"]["partner"]["assets"]
    with duckdb.connect(str(path)) as con:
        con.execute(_TABLES)
        for asset, rows in CONTRACT["roles"]["partner"]["row_filter"].items():
            con.execute(f"delete from {asset} where not ({rows})")
        for name in sorted(CONTRACT["assets"].keys() - set(assets)):
            con.execute(f"drop table {name}")
        con.execute("drop table payroll; drop schema hr cascade; alter table dim_experiments drop owner")


def build_visible(path: Path) -> None:
    """The same world without hidden columns: what an unguarded statement may be compared on."""
    with duckdb.connect(str(path)) as con:
        con.execute(_TABLES)
        con.execute(_UNSEEN)
