-- case: prewhere as a filter
select name from dim_experiments prewhere status = 'ended'
-- case: prewhere and where
select name from dim_experiments prewhere status = 'ended' where name != 'Two'
-- case: prewhere and where with or
select name from dim_experiments prewhere status = 'ended' or name = 'One' where name = 'One' or status = 'x'
-- case: prewhere under an aggregate
select count() as n from fct_daily prewhere n_events > 3
-- case: prewhere on a pinned asset
select experiment_id, uplift_abs from fct_results prewhere analysis_population = 'itt' where dimension = 'all'
-- case: prewhere inside a derived table
select t.name from (select name from dim_experiments prewhere status = 'ended') as t
-- case: a constant named in with
with 3 as least_events select date_day, n_events from fct_daily where n_events > least_events
-- case: two constants named in with
with 1 as a, a + 1 as b select a, b, a * b as c
-- case: a text named in with
with 'running' as wanted select name from dim_experiments where status = wanted
-- case: an expression named in with
with n_events * 2 as twice select date_day, twice, twice + 1 as more from fct_daily where twice > 6
-- case: an expression named in with and grouped by
with toStartOfMonth(date_day) as month select month, sum(n_events) as n from fct_daily group by month order by month
-- case: a scalar subquery named in with
with (select max(n_events) from fct_daily) as top select experiment_id, date_day from fct_daily where n_events = top
-- case: constants and a cte side by side
with 5 as n, big as (select date_day from fct_daily where n_events > n) select count() as k from big
-- case: a constant used inside a subquery
with 5 as n select name from dim_experiments where experiment_id in (select experiment_id from fct_daily where n_events > n)
-- case: a cte and a join
with n as (select experiment_id, sum(n_events) as events from fct_daily group by experiment_id) select d.name, n.events from dim_experiments as d inner join n on n.experiment_id = d.experiment_id
-- case: a cte over a cte
with a as (select experiment_id, n_events from fct_daily), b as (select experiment_id, max(n_events) as m from a group by experiment_id) select * from b order by experiment_id
-- case: one cte read twice
with a as (select experiment_id, sum(n_events) as s from fct_daily group by experiment_id) select experiment_id, s / (select max(s) from a) as share from a
-- case: a cte before a union
with a as (select name from dim_experiments) select name from a union all select label from dim_metrics
-- case: derived tables in each other
select n from (select name as n from (select name from dim_experiments where status = 'ended') as x) as y
-- case: inner join on
select d.name, f.n_events from fct_daily as f inner join dim_experiments as d on d.experiment_id = f.experiment_id
-- case: left join using
select d.name, f.date_day from dim_experiments as d left join fct_daily as f using (experiment_id)
-- case: left join with a filter in on
select d.name, f.date_day from dim_experiments as d left join fct_daily as f on f.experiment_id = d.experiment_id and f.n_events > 6
-- case: left any name of the side first
select d.name from dim_experiments as d left outer join fct_daily as f on f.experiment_id = d.experiment_id
-- case: right join
select d.name, f.date_day from fct_daily as f right join dim_experiments as d on f.experiment_id = d.experiment_id
-- case: full join
select d.name, f.date_day from fct_daily as f full join dim_experiments as d on f.experiment_id = d.experiment_id
-- case: left semi join
select d.name from dim_experiments as d left semi join fct_daily as f on f.experiment_id = d.experiment_id
-- case: left anti join
select d.name from dim_experiments as d left anti join (select experiment_id from fct_daily where n_events > 100) as f on f.experiment_id = d.experiment_id
-- case: semi before left
select d.name from dim_experiments as d semi left join fct_daily as f using (experiment_id)
-- case: global join
select d.name, f.n_events from fct_daily as f global join dim_experiments as d on d.experiment_id = f.experiment_id
-- case: global in
select name from dim_experiments where experiment_id global in (select experiment_id from fct_daily where n_events > 3)
-- case: global not in
select name from dim_experiments where experiment_id global not in (select experiment_id from fct_daily where n_events > 100)
-- case: in a list of tuples
select date_day from fct_daily where (experiment_id, n_events) in (('e_one', 1), ('e_two', 4))
-- case: in a subquery of two columns
select name from dim_experiments where (experiment_id, status) in (select experiment_id, 'ended' from fct_daily)
-- case: not in a list
select name from dim_experiments where status not in ('ended', 'paused')
-- case: exists of a correlated subquery
select d.name from dim_experiments as d where exists (select 1 from fct_daily as f where f.experiment_id = d.experiment_id and f.n_events > 12)
-- case: a correlated scalar subquery
select d.name, (select max(f.n_events) from fct_daily as f where f.experiment_id = d.experiment_id) as m from dim_experiments as d
-- case: cross join with a single row
select f.date_day, f.n_events / t.n as share from fct_daily as f cross join (select sum(n_events) as n from fct_daily) as t
-- case: three joined along declared keys
select d.name, m.label, r.uplift_abs from fct_results as r join dim_experiments as d using (experiment_id) join dim_metrics as m using (metric_id) where r.analysis_population = 'itt' and r.dimension = 'all'
-- case: a series of numbers
select generate_series as i from generate_series(1, 5)
-- case: days from a series
select toDate('2026-02-01') + generate_series as day from generate_series(0, 6)
-- case: an array taken apart alone
select arrayJoin([1, 2, 3]) as x
-- case: an array taken apart in a cte
with s as (select arrayJoin(['running', 'ended']) as status) select d.name from dim_experiments as d join s on s.status = d.status
-- case: a constant of with that nothing uses
with 0.05 as alpha select name from dim_experiments
-- case: cte and join
with n as (select experiment_id, sum(n_events) as n from fct_daily group by experiment_id) select d.name, n.n from dim_experiments as d inner join n on d.experiment_id = n.experiment_id
-- case: in subquery
select name from dim_experiments where experiment_id in (select experiment_id from fct_daily where n_events > 1)
-- case: in and not equal
select name, status from dim_experiments where status in ('running', 'ended') and name != 'x'
-- case: inner join using
select d.name, f.n_events from fct_daily as f inner join dim_experiments as d using (experiment_id)
-- case: left join on
select d.name, f.n_events from dim_experiments as d left join fct_daily as f on d.experiment_id = f.experiment_id
-- case: sums over a join
select d.name, sum(f.n_events) as n from fct_daily as f join dim_experiments as d on f.experiment_id = d.experiment_id group by d.name order by n desc limit 3
-- case: exists
select name from dim_experiments where exists (select 1 from fct_daily where n_events > 1)
-- case: ctes beside each other
with a as (select experiment_id, sum(n_events) as n from fct_daily group by experiment_id), b as (select max(n) as m from a) select a.experiment_id from a cross join b where a.n = b.m
-- case: not in a subquery
select name from dim_experiments as d where d.experiment_id not in (select experiment_id from fct_daily where n_events > 12)
-- case: using a declared key
select d.name, f.date_day, f.n_events from fct_daily f join dim_experiments d using (experiment_id)
-- case: on a declared key
select d.name, sum(f.n_events) as n from fct_daily f inner join dim_experiments d on f.experiment_id = d.experiment_id group by d.name
-- case: reversed on
select d.name, count(f.n_events) as n from dim_experiments d join fct_daily f on f.experiment_id = d.experiment_id group by 1
-- case: left join
select d.name, f.date_day from dim_experiments d left join fct_daily f on f.experiment_id = d.experiment_id and f.n_events > 100
-- case: comma with a key in where
select d.name, f.n_events from dim_experiments d, fct_daily f where d.experiment_id = f.experiment_id
-- case: three relations
select d.name, m.label, r.uplift_abs from fct_results r join dim_experiments d using (experiment_id) join dim_metrics m using (metric_id) where r.analysis_population = 'itt' and r.dimension = 'all'
-- case: using column bare
select experiment_id, name, n_events from fct_daily join dim_experiments using (experiment_id) where experiment_id = 'e_one'
-- case: star over a join
select * from fct_daily f join dim_experiments d using (experiment_id)
-- case: full join, again
select coalesce(a.experiment_id, b.experiment_id) as e from dim_experiments a full join fct_daily b on a.experiment_id = b.experiment_id
-- case: right join, again
select b.experiment_id from dim_experiments a right join fct_daily b on a.experiment_id = b.experiment_id
-- case: semi and anti join
select name from dim_experiments d semi join fct_daily f on d.experiment_id = f.experiment_id
-- case: anti join
select name from dim_experiments d anti join fct_daily f using (experiment_id)
-- case: join with a derived table
select d.name, x.n from dim_experiments d join (select experiment_id, sum(n_events) as n from fct_daily group by experiment_id) x on x.experiment_id = d.experiment_id
-- case: one row beside every row
select d.experiment_id, d.n_events, t.m from fct_daily d cross join (select max(n_events) as m from fct_daily) t
-- case: self join within a key
select a.experiment_id, a.n_events - b.n_events as moved from fct_daily a join fct_daily b on a.experiment_id = b.experiment_id and a.date_day = b.date_day + interval 1 day
-- case: count of the many side
select d.status, count(*) as n from fct_daily f join dim_experiments d using (experiment_id) group by 1
-- case: distinct counts survive a fan-out
select count(distinct d.name) as n, max(d.started_at) as latest from dim_experiments d join fct_daily f using (experiment_id)
-- case: join condition with more than keys
select d.name, f.n_events from fct_daily f join dim_experiments d on f.experiment_id = d.experiment_id and f.date_day >= d.started_at::date
-- case: a cte body in brackets
with a as ((select name from dim_experiments)) select * from a
-- case: a derived table from first
select * from (from fct_daily select experiment_id, n_events) t
-- case: a derived union
select * from ((select name from dim_experiments) union all (select label from dim_metrics)) t
-- case: a cte in a cte
with a as (with b as (select 1 as x) select x from b) select x from a
-- case: one-row subqueries side by side
select a.n, b.m from (select count(*) as n from fct_daily) a, (select max(name) as m from dim_experiments) b
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
-- case: bracketed sides
(select name from dim_experiments order by name limit 1) union all (select label from dim_metrics order by label limit 1)
-- case: exists and not exists
select name from dim_experiments d where not exists (select 1 from fct_daily f where f.experiment_id = d.experiment_id and f.n_events > 100)
-- case: in subquery, again
select name from dim_experiments where experiment_id not in (select experiment_id from fct_daily where n_events > 12)
-- case: nested three deep
select * from (select * from (select * from (select experiment_id, n_events from fct_daily) a) b) c where n_events > 3
-- case: cte used twice
with t as (select experiment_id, sum(n_events) as n from fct_daily group by 1) select a.experiment_id, a.n from t a where a.n >= (select avg(b.n) from t b)
-- case: cte in a subquery
select * from (with t as (select name from dim_experiments) select * from t) x
-- case: materialized cte
with t as materialized (select name from dim_experiments) select * from t
-- case: inner limit
select name from (select name from dim_experiments order by name limit 2) t
-- case: cte shadowing a table that is not in the contract
with payroll as (select name from dim_experiments) select * from payroll
-- case: same alias in sibling scopes
select (select max(x.n_events) from fct_daily x) as a, (select min(x.started_at) from dim_experiments x) as b
