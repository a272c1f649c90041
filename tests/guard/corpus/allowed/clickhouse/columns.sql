-- case: star
select * from fct_daily
-- case: star of one relation
select d.* from dim_experiments as d join fct_daily as f using (experiment_id)
-- case: star except one
select * except (started_at) from dim_experiments
-- case: star except without brackets
select * except started_at from dim_experiments
-- case: star replaced
select * replace (upper(name) as name) from dim_experiments
-- case: an output that is another's input
select n_events * 2 as twice, twice + 1 as more from fct_daily
-- case: an output in where
select n_events * 2 as twice from fct_daily where twice > 6
-- case: an output in group by and having
select intDiv(n_events, 5) as bucket, count() as n from fct_daily group by bucket having n > 1 order by bucket
-- case: an output of the column's own name
select d.name as name from dim_experiments as d where name != 'x'
-- case: an output of a column's name that nothing else reads
select upper(name) as name from dim_experiments
-- case: an output of a column's name, ordered by
select upper(name) as name from dim_experiments order by name
-- case: columns qualified by alias in every clause
select f.experiment_id, sum(f.n_events) as n from fct_daily as f where f.n_events > 1 group by f.experiment_id having sum(f.n_events) > 3 order by f.experiment_id
-- case: a name in the row filter's asset
select f.n_events from fct_daily as f order by f.n_events limit 3
-- case: star, again
select * from dim_experiments
-- case: counts in three forms
select count(*) as n, count(name) as m, count(distinct status) as k from dim_experiments
-- case: regular expression replaced
select replaceRegexpAll(name, '[aeiou]', '*') as r from dim_experiments
-- case: star over outputs without a name
select * from (select count(*) from dim_experiments) t
-- case: qualified star over outputs without a name
select t.* from (select upper(name), status from dim_experiments) t order by 2, 1
-- case: star over a cte with an output without a name
with a as (select status, count(*) from dim_experiments group by 1) select * from a
-- case: a star and more over outputs without a name
select *, 1 as one from (select upper(name), status from dim_experiments) t where status = 'ended'
-- case: a row of columns
select (name, status) as r from dim_experiments
-- case: distinct rows counted
select count(distinct (experiment_id, date_day)) as n from fct_daily
-- case: aliases that are words of the language
select 1 as select_, 2 as "from", 3 as "order", 4 as "a""b"
-- case: distinct on two columns
select distinct on (status, name) name from dim_experiments order by status, name
-- case: a table's name as its qualifier
select dim_experiments.name from dim_experiments where dim_experiments.status = 'ended'
