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
-- case: full join
select coalesce(a.experiment_id, b.experiment_id) as e from dim_experiments a full join fct_daily b on a.experiment_id = b.experiment_id
-- case: right join
select b.experiment_id from dim_experiments a right join fct_daily b on a.experiment_id = b.experiment_id
-- case: semi and anti join
select name from dim_experiments d semi join fct_daily f on d.experiment_id = f.experiment_id
-- case: anti join
select name from dim_experiments d anti join fct_daily f using (experiment_id)
-- case: join with a derived table
select d.name, x.n from dim_experiments d join (select experiment_id, sum(n_events) as n from fct_daily group by experiment_id) x on x.experiment_id = d.experiment_id
-- case: aggregates before joining
with a as (select experiment_id, sum(n_events) as events from fct_daily group by 1), b as (select experiment_id, count(*) as units from fct_cohort group by 1) select d.name, a.events, b.units from dim_experiments d join a using (experiment_id) join b using (experiment_id)
-- case: one row beside every row
select d.experiment_id, d.n_events, t.m from fct_daily d cross join (select max(n_events) as m from fct_daily) t
-- case: values as a lookup
select d.name, v.label from dim_experiments d join (values ('running', 'live'), ('ended', 'done')) v(status, label) on d.status = v.status
-- case: days without events
select s.generate_series::date as day, count(f.n_events) as n from generate_series(date '2026-02-01', date '2026-02-07', interval 1 day) s left join fct_daily f on f.date_day = s.generate_series::date group by 1 order by 1
-- case: unnest of a list
select u.x, d.name from unnest(['running', 'ended']) u(x) join dim_experiments d on d.status = u.x
-- case: self join within a key
select a.experiment_id, a.n_events - b.n_events as moved from fct_daily a join fct_daily b on a.experiment_id = b.experiment_id and a.date_day = b.date_day + interval 1 day
-- case: count of the many side
select d.status, count(*) as n from fct_daily f join dim_experiments d using (experiment_id) group by 1
-- case: distinct counts survive a fan-out
select count(distinct d.name) as n, max(d.started_at) as latest from dim_experiments d join fct_daily f using (experiment_id)
-- case: join condition with more than keys
select d.name, f.n_events from fct_daily f join dim_experiments d on f.experiment_id = d.experiment_id and f.date_day >= d.started_at::date
