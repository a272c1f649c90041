"""The tables behind the tests' contract on a real ClickHouse engine: the same rows as on DuckDB, and more canaries.

A dictionary, a Join table, another database and files on disk hold some too: each is a way around the contract there.
"""

from tests.clickhouse import Database, folder
from tests.guard import world

FULL, VISIBLE, OTHER, PARTNER = "full", "visible", "other", "partner"
WRITABLE = "writable"
"""The full world without the engine's own wall, for parsing what that would refuse."""

_ASSETS = """
create table dim_experiments (experiment_id String, name String, status String, started_at DateTime('UTC'),
    owner String) engine = MergeTree order by experiment_id;
insert into dim_experiments values
    ('e_one', 'One', 'running', '2026-02-01 10:00:00', 'CANARY-owner-1'),
    ('e_two', 'Two', 'ended', '2026-01-01 10:00:00', 'CANARY-owner-2'),
    ('p_one', 'Partner', 'ended', '2026-03-01 10:00:00', 'CANARY-owner-3');
create table dim_metrics (metric_id String, label String, desired String) engine = MergeTree order by metric_id;
insert into dim_metrics values ('conversion', 'Conversion', 'increase'), ('refunds', 'Refunds', 'decrease');
create table fct_results (experiment_id String, metric_id String, variation_id LowCardinality(String),
    analysis_population LowCardinality(String), dimension LowCardinality(String), dimension_value String,
    n_users Int64, conversions Int64, conversion_rate Float64, uplift_abs Float64, statsig String)
    engine = MergeTree order by (experiment_id, metric_id, variation_id, analysis_population, dimension);
insert into fct_results
select e.experiment_id, m.metric_id, v, p, d.1, d.2,
       100 + 7 * row_number() over (order by e.experiment_id, m.metric_id, v, p, d.1, d.2),
       10 + length(concat(e.experiment_id, m.metric_id, d.2)), (10 + length(d.2)) / 128,
       (toInt64(length(m.metric_id)) - 9) / 64, if(m.metric_id = 'refunds', 'flat', 'significant positive')
from dim_experiments as e cross join dim_metrics as m
cross join (select arrayJoin(['control', 'treatment']) as v) as vs
cross join (select arrayJoin(['itt', 'exposed']) as p) as ps
cross join (select arrayJoin([('all', 'all'), ('platform', 'ios'), ('platform', 'web')]) as d) as ds;
create table fct_daily (experiment_id String, date_day Date, n_events Int64, exposure_rate Float64)
    engine = MergeTree order by (experiment_id, date_day);
insert into fct_daily select e.experiment_id, toDate('2026-02-01') + number, number * 3 + 1, number / 16
from dim_experiments as e cross join numbers(5) as r;
create table fct_cohort (experiment_id String, unit_id String, variation_id LowCardinality(String),
    platform LowCardinality(String), country String, spend Float64)
    engine = MergeTree order by (experiment_id, unit_id);
insert into fct_cohort select e.experiment_id, concat('CANARY-unit-', toString(number)),
    if(number % 2 = 0, 'control', 'treatment'), if(number % 3 = 0, 'ios', 'web'),
    if(number % 4 = 0, 'CANARY-land-a', 'CANARY-land-b'), if(number = 7, 9876543.25, number / 4)
from dim_experiments as e cross join numbers(40) as r;
"""
_SECRETS = """
create table fct_restricted (experiment_id String, note String) engine = MergeTree order by experiment_id;
insert into fct_restricted values ('e_one', 'CANARY-note');
create table payroll (person String, salary Int64) engine = MergeTree order by person;
insert into payroll values ('CANARY-person', 1234567);
create table name (name String) engine = MergeTree order by name;
insert into name values ('One');
create table people_join (id UInt64, person String) engine = Join(any, left, id);
insert into people_join values (1, 'CANARY-join');
create dictionary people (id UInt64, person String) primary key id
    source(clickhouse(query 'select toUInt64(1) as id, ''CANARY-dictionary'' as person')) layout(flat()) lifetime(0);
"""
_HR = """
create database if not exists hr;
create or replace table hr.dim_experiments (experiment_id String, name String) engine = MergeTree order by name;
insert into hr.dim_experiments values ('CANARY-schema', 'CANARY');
create or replace table hr.payroll (person String) engine = MergeTree order by person;
insert into hr.payroll values ('CANARY-hr');
"""
_UNSEEN = """
alter table dim_experiments drop column owner;
create or replace table fct_cohort engine = MergeTree order by experiment_id
    as select * except (unit_id) from fct_cohort;
"""
CANARY_FILE = "canary.txt"


def build() -> dict[str, Database]:
    """Make every world anew, and open each read-only: what a session of the gateway may do there, and no more."""
    Database().script(_HR)
    (folder() / CANARY_FILE).write_text("CANARY-file\n", encoding="utf-8")
    for name, script in _worlds().items():
        Database().execute(f"drop database if exists guard_{name}")
        Database(f"guard_{name}").script(script)
    worlds = {name: Database(f"guard_{name}", readonly=1) for name in _worlds()}
    return worlds | {WRITABLE: Database("guard_full")}


def _worlds() -> dict[str, str]:
    full = _ASSETS + _SECRETS
    other = full
    for secret, instead in world.SECRETS.items():
        other = other.replace(secret, instead)
    return {FULL: full, VISIBLE: full + _UNSEEN, OTHER: other, PARTNER: full + _of_a_partner()}


def _of_a_partner() -> str:
    """Takes out all that the role `partner` may not see."""
    role = world.CONTRACT["roles"]["partner"]
    lines = [f"delete from {asset} where not ({rows})" for asset, rows in role["row_filter"].items()]
    lines += [f"drop table {name}" for name in sorted(world.CONTRACT["assets"].keys() - set(role["assets"]))]
    lines += ["drop dictionary people", "drop table people_join", "drop table payroll"]
    return ";\n".join([*lines, "alter table dim_experiments drop column owner;\n"])
