-- case: lateral with an aggregate per row
select d.name, l.n from dim_experiments d, lateral (select sum(f.n_events) as n from fct_daily f where f.experiment_id = d.experiment_id) l
-- case: cross join lateral
select d.name, l.n from dim_experiments d cross join lateral (select count(*) as n from fct_daily f where f.experiment_id = d.experiment_id) as l
-- case: the best row of each by lateral
select d.name, l.date_day, l.n_events from dim_experiments d left join lateral (select f.date_day, f.n_events from fct_daily f where f.experiment_id = d.experiment_id order by f.n_events desc limit 1) l on true
-- case: two rows of each by lateral
select * from dim_experiments d, lateral (select f.date_day, f.n_events from fct_daily f where f.experiment_id = d.experiment_id order by f.n_events desc limit 2) l
-- case: lateral columns renamed
select d.name, l.a from dim_experiments d, lateral (select f.experiment_id, f.date_day from fct_daily f where f.experiment_id = d.experiment_id) as l(e, a)
-- case: lateral expressions named once and used twice
select d.name, l.x, m.y from dim_experiments d, lateral (select d.name || '!' as x) l, lateral (select l.x || '?' as y) m
-- case: sums over lateral along the whole key
select d.status, sum(l.n) as n from dim_experiments d, lateral (select sum(f.n_events) as n from fct_daily f where f.experiment_id = d.experiment_id) l group by d.status
-- case: lateral over a pinned asset
select d.name, l.u from dim_experiments d, lateral (select max(r.uplift_abs) as u from fct_results r where r.experiment_id = d.experiment_id and r.analysis_population = 'itt' and r.dimension = 'all') l
-- case: the outer row's pin, listed
select v.p, l.u from (values ('itt'), ('exposed')) v(p), lateral (select max(r.uplift_abs) as u from fct_results r where r.analysis_population = v.p and r.dimension = 'all') l
-- case: lateral around a cte
select d.name, l.x from dim_experiments d, lateral (with q as (select n_events from fct_daily f where f.experiment_id = d.experiment_id) select max(n_events) as x from q) l
-- case: a list unnested in a cte
with s as (select unnest(['running', 'ended']) as status) select d.name from dim_experiments d join s on d.status = s.status
-- case: a list unnested alone
select unnest([1, 2, 3]) as x
-- case: a list unnested in from
select x from unnest([1, 2, 3]) as t(x)
-- case: values as a cte body
with v as (values (1, 'a'), (2, 'b')) select * from v
-- case: values as a cte body with names
with v(n, status) as (values (1, 'running'), (2, 'ended')) select d.name, v.n from dim_experiments d join v on v.status = d.status
-- case: values in brackets as a cte body
with v(a) as (select * from (values (1), (2)) t(x)) select sum(a) as s from v
-- case: a query in brackets after with
with a as (select name from dim_experiments) (select name from a)
-- case: with and a limit around brackets
with a as (select name from dim_experiments) (select name from a) order by name desc limit 2
-- case: a cte body in brackets
with a as ((select name from dim_experiments)) select * from a
-- case: a union in brackets under an order
(select name from dim_experiments union all select label from dim_metrics) order by name limit 2
-- case: brackets in brackets under a limit
((select name from dim_experiments)) order by 1 limit 1
-- case: a derived table from first
select * from (from fct_daily select experiment_id, n_events) t
-- case: a derived union
select * from ((select name from dim_experiments) union all (select label from dim_metrics)) t
-- case: a cte in a cte
with a as (with b as (select 1 as x) select x from b) select x from a
-- case: two ctes, one not materialized
with a as materialized (select 1 as x), b as not materialized (select x from a) select * from b
-- case: a series with a step
select i from range(1, 10, 2) t(i)
-- case: a series of days
select d from generate_series(date '2026-01-01', date '2026-01-10', interval '1 day') t(d)
-- case: one-row subqueries side by side
select a.n, b.m from (select count(*) as n from fct_daily) a, (select max(name) as m from dim_experiments) b
-- case: left outer, full outer and inner in one
select d.name from dim_experiments d left outer join fct_daily f using (experiment_id) inner join fct_cohort c on c.experiment_id = d.experiment_id
-- case: lateral expressions grouped by
select l.x, sum(f.n_events) as n from fct_daily f, lateral (select f.n_events % 2 as x) l group by l.x
-- case: later rows counted for each row
select d.name, l.n from dim_experiments d, lateral (select count(*) as n from dim_experiments e where e.started_at > d.started_at) l
-- case: lateral on lateral
select d.name, l.n, k.n as more from dim_experiments d, lateral (select count(*) as n from fct_daily f where f.experiment_id = d.experiment_id) l, lateral (select l.n + 1 as n) k
