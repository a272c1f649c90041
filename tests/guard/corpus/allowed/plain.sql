-- case: columns and a condition
select experiment_id, status from dim_experiments where status = 'running'
-- case: star
select * from dim_experiments
-- case: qualified star
select d.* from dim_experiments d
-- case: star exclude
select * exclude (started_at) from dim_experiments
-- case: star replace
select * replace (upper(name) as name) from dim_experiments
-- case: from first
from dim_experiments
-- case: from first with select
from dim_experiments select name where status = 'ended'
-- case: trailing semicolon and comments
/* one */ select name -- two
from dim_experiments; -- three
-- case: quoted identifiers in any case
select "NAME", "Experiment_Id" from "DIM_EXPERIMENTS"
-- case: main schema
select name from main.dim_experiments
-- case: no table at all
select 1 + 1 as two, 'a' || 'b' as ab
-- case: brackets around everything
(select name from dim_experiments)
-- case: alias with blanks
select name as "the name" from dim_experiments order by "the name"
-- case: string with quote and semicolon
select name from dim_experiments where name <> 'it''s; drop table x -- no'
-- case: limit and offset
select name from dim_experiments order by name limit 2 offset 1
-- case: distinct
select distinct status from dim_experiments
-- case: distinct on
select distinct on (status) status, name from dim_experiments order by status, name
-- case: not in and between
select name from dim_experiments where status not in ('x', 'y') and started_at between date '2026-01-01' and date '2026-12-31'
-- case: like, ilike, not like
select name from dim_experiments where name like 'O%' or name ilike 't%' or name not like '%z%'
-- case: is null
select name from dim_experiments where started_at is not null and (status is null) = false
-- case: is distinct from
select name from dim_experiments where status is distinct from 'ended'
-- case: row comparison in a list
select name from dim_experiments where (experiment_id, status) in (('e_one', 'running'), ('e_two', 'ended'))
-- case: nulls last
select name from dim_experiments order by status desc nulls last, 1 asc nulls first
-- case: order by all
select status, name from dim_experiments order by all desc
-- case: words of sql as text
select 'select * from payroll; drop table x' as advice
-- case: a column called like a keyword in an alias
select name as "select", status as "from" from dim_experiments
