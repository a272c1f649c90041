-- case: cte chain
with a as (select experiment_id, n_events from fct_daily), b as (select experiment_id, sum(n_events) as n from a group by 1) select * from b order by n desc, 1
-- case: cte with column names
with a(e, n) as (select experiment_id, n_events from fct_daily) select e, sum(n) as s from a group by e
-- case: scalar subquery in select
select name, (select max(date_day) from fct_daily) as latest from dim_experiments
-- case: correlated scalar subquery
select d.name, (select sum(f.n_events) from fct_daily f where f.experiment_id = d.experiment_id) as n from dim_experiments d
-- case: subquery in where
select experiment_id, n_events from fct_daily where date_day = (select max(date_day) from fct_daily)
-- case: derived table
select s, n from (select status as s, count(*) as n from dim_experiments group by 1) t where n > 0
-- case: derived table without alias
select n from (select count(*) as n from dim_experiments)
-- case: union all
select name from dim_experiments union all select label from dim_metrics
-- case: union with order and limit
select name as n from dim_experiments union select label from dim_metrics order by n limit 3
-- case: union by ordinals
select name, 1 from dim_experiments union all select label, 2 from dim_metrics order by 2, 1
-- case: intersect and except
select experiment_id from dim_experiments except select experiment_id from fct_daily where n_events > 1000 intersect select 'x'
-- case: union by name
select name, status from dim_experiments union all by name select label as name, desired as status from dim_metrics
-- case: bracketed sides
(select name from dim_experiments order by name limit 1) union all (select label from dim_metrics order by label limit 1)
-- case: exists and not exists
select name from dim_experiments d where not exists (select 1 from fct_daily f where f.experiment_id = d.experiment_id and f.n_events > 100)
-- case: in subquery
select name from dim_experiments where experiment_id not in (select experiment_id from fct_daily where n_events > 12)
-- case: nested three deep
select * from (select * from (select * from (select experiment_id, n_events from fct_daily) a) b) c where n_events > 3
-- case: cte used twice
with t as (select experiment_id, sum(n_events) as n from fct_daily group by 1) select a.experiment_id, a.n from t a where a.n >= (select avg(b.n) from t b)
-- case: cte in a subquery
select * from (with t as (select name from dim_experiments) select * from t) x
-- case: materialized cte
with t as materialized (select name from dim_experiments) select * from t
-- case: values alone
select * from (values (1, 'a'), (2, 'b')) as v(i, s) where i > 1
-- case: range
select r.i, r.i * r.i as square from range(5) r(i)
-- case: inner limit
select name from (select name from dim_experiments order by name limit 2) t
-- case: cte shadowing a table that is not in the contract
with payroll as (select name from dim_experiments) select * from payroll
-- case: same alias in sibling scopes
select (select max(x.n_events) from fct_daily x) as a, (select min(x.started_at) from dim_experiments x) as b
