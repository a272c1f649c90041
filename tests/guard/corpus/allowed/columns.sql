-- case: star over outputs without a name
select * from (select count(*) from dim_experiments) t
-- case: qualified star over outputs without a name
select t.* from (select upper(name), status from dim_experiments) t order by 2, 1
-- case: star over a cte with an output without a name
with a as (select status, count(*) from dim_experiments group by 1) select * from a
-- case: a star and more over outputs without a name
select *, 1 as one from (select upper(name), status from dim_experiments) t where status = 'ended'
-- case: a struct of columns
select {'n': name, 's': status} as s from dim_experiments
-- case: a struct by its function
select struct_pack(n := name) as s from dim_experiments
-- case: a part of a struct by its name
select s['n'] as n from (select {'n': name} as s from dim_experiments) t
-- case: a row of columns
select (name, status) as r from dim_experiments
-- case: distinct rows counted
select count(distinct (experiment_id, date_day)) as n from fct_daily
-- case: exclude and replace together
select * exclude (name) replace (upper(status) as status) from dim_experiments
-- case: exclude from one relation of a join
select d.* exclude (name), f.n_events from dim_experiments d join fct_daily f using (experiment_id)
-- case: exclude of one name without brackets
select * exclude name from dim_experiments
-- case: names in other cases
select D.NAME, "d"."STATUS" from DIM_EXPERIMENTS D
-- case: an alias before its expression
select n: name, shout: upper(name) from dim_experiments
-- case: aliases without as, quoted and in single quotes
select name "a b", status as 'c d' from dim_experiments
-- case: aliases that are words of the language
select 1 as select_, 2 as "from", 3 as "order", 4 as "a""b"
-- case: distinct on two columns
select distinct on (status, name) name from dim_experiments order by status, name
-- case: a table's name as its qualifier
select dim_experiments.name from dim_experiments where dim_experiments.status = 'ended'
