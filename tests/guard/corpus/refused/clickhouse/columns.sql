-- case: a hidden column
-- rules: column_not_found
select owner from dim_experiments
-- case: a hidden column in where
-- rules: column_not_found
select name from dim_experiments where owner != ''
-- case: a hidden column in prewhere
-- rules: column_not_found
select name from dim_experiments prewhere owner != ''
-- case: a hidden column in order by
-- rules: column_not_found
select name from dim_experiments order by owner
-- case: a hidden column in group by
-- rules: column_not_found
select count() as n from dim_experiments group by owner
-- case: a hidden column in having
-- rules: column_not_found
select status from dim_experiments group by status having max(owner) > ''
-- case: a hidden column in an aggregate
-- rules: column_not_found
select max(owner) as m from dim_experiments
-- case: a hidden column under -If
-- rules: column_not_found
select countIf(owner = 'x') as n from dim_experiments
-- case: a hidden column under filter
-- rules: column_not_found
select count(*) filter (where owner = 'x') as n from dim_experiments
-- case: a hidden column in a window
-- rules: column_not_found
select sum(1) over (order by owner) as s from dim_experiments
-- case: a hidden column in limit by
-- rules: column_not_found
select name from dim_experiments order by name limit 1 by owner
-- case: a hidden column in qualify
-- rules: column_not_found
select name from dim_experiments qualify row_number() over (order by owner) = 1
-- case: a hidden column in a named window
-- rules: column_not_found
select sum(1) over w as s from dim_experiments window w as (order by owner)
-- case: a hidden column in using
-- rules: column_not_found
select a.name from dim_experiments as a join dim_experiments as b using (owner)
-- case: a hidden column named in with
-- rules: column_not_found
with owner as o select o from dim_experiments
-- case: a hidden column inside an expression named in with
-- rules: column_not_found
with concat(owner, '!') as o select o from dim_experiments
-- case: a hidden column in a tuple
-- rules: column_not_found
select (name, owner) as t from dim_experiments
-- case: a hidden column in an array
-- rules: column_not_found
select [name, owner] as t from dim_experiments
-- case: a hidden column in a map
-- rules: column_not_found
select map('a', owner) as m from dim_experiments
-- case: a hidden column in a ternary
-- rules: column_not_found
select owner = 'x' ? 1 : 0 as t from dim_experiments
-- case: a hidden column in except
-- rules: column_not_found
select * except (owner) from dim_experiments
-- case: a hidden column in replace
-- rules: column_not_found
select * replace (owner as name) from dim_experiments
-- case: a hidden column by its relation
-- rules: column_not_found
select d.owner from dim_experiments as d
-- case: a hidden column by the asset's name
-- rules: column_not_found
select dim_experiments.owner from dim_experiments
-- case: a hidden column by a database
-- rules: column_not_found
select hr.dim_experiments.owner from dim_experiments
-- case: a hidden column in back quotes
-- rules: column_not_found
select `owner` from dim_experiments
-- case: a hidden column in an argument of a parametric aggregate
-- rules: column_not_found
select topK(3)(owner) as t from dim_experiments
-- case: a hidden column as the parameter of an aggregate
-- rules: column_not_found
select quantile(owner)(1) as t from dim_experiments
-- case: a hidden column through a derived table
-- rules: column_not_found
select t.owner from (select * from dim_experiments) as t
-- case: a hidden column through a cte
-- rules: column_not_found
with t as (select * from dim_experiments) select owner from t
-- case: a hidden column in a correlated subquery
-- rules: column_not_found
select d.name from dim_experiments as d where exists (select 1 from fct_daily as f where f.experiment_id = d.owner)
-- case: a relation in another case
-- rules: column_not_found
select D.name from dim_experiments as d
-- case: a whole row
-- rules: column_not_found
select d from dim_experiments as d
-- case: a whole row by the asset's name
-- rules: column_not_found
select dim_experiments from dim_experiments
-- case: a whole row as a tuple
-- rules: syntax_not_allowed
select tuple(*) from dim_experiments
-- case: a whole row in a function
-- rules: syntax_not_allowed
select cityHash64(*) as h from dim_experiments
-- case: a whole row as json
-- rules: function_not_allowed, column_not_found
select toJSONString(d) as j from dim_experiments as d
-- case: a star of a relation in a function
-- rules: syntax_not_allowed
select cityHash64(d.*) as h from dim_experiments as d
-- case: a star in an aggregate
-- rules: syntax_not_allowed
select groupArray(*) as g from dim_experiments
-- case: a star in brackets
-- rules: syntax_not_allowed
select (*) from dim_experiments
-- case: an internal column of the engine
-- rules: column_not_found
select _part from dim_experiments
-- case: an internal column of the table
-- rules: column_not_found
select _table from dim_experiments
-- case: an internal column of a row's place
-- rules: column_not_found
select _part_offset from dim_experiments
-- case: a size of a column
-- rules: column_not_found
select name.size from dim_experiments
-- case: the null map of a column
-- rules: column_not_found
select name.null from dim_experiments
-- case: columns renamed behind the relation
-- rules: column_not_found, syntax_not_allowed
select a from dim_experiments as d (a, b, c, d)
-- case: an output that hides a column in where
-- rules: column_ambiguous
select upper(name) as name from dim_experiments where name = 'One'
-- case: an output that hides a pin
-- rules: column_ambiguous
select 'exposed' as analysis_population, uplift_abs from fct_results where analysis_population = 'itt' and dimension = 'all'
-- case: an output that hides a column in group by
-- rules: column_ambiguous
select toStartOfMonth(date_day) as date_day, sum(n_events) as n from fct_daily group by date_day
-- case: an output that hides a column in another output
-- rules: column_ambiguous
select upper(name) as name, concat(name, '!') as loud from dim_experiments
-- case: an output that hides a column in a subquery
-- rules: column_ambiguous
select 'e_one' as experiment_id, (select max(n_events) from fct_daily as f where f.date_day = '2026-02-01' and experiment_id = 'e_one') as m from dim_experiments
-- case: an output that hides a relation
-- rules: column_ambiguous
select (1, 2) as d, d.name as n from dim_experiments as d
-- case: an output that hides a column in limit by
-- rules: column_ambiguous
select upper(status) as status from dim_experiments limit 1 by status
-- case: an output that hides a column in a window
-- rules: column_ambiguous
select n_events + 1 as n_events, sum(1) over (order by n_events) as s from fct_daily
-- case: a name of with that is a column too
-- rules: column_ambiguous
with 'x' as name select name from dim_experiments
-- case: a name of with that is a column of a subquery
-- rules: column_ambiguous
with 1 as n_events select name from dim_experiments where experiment_id in (select experiment_id from fct_daily where n_events > 3)
-- case: a filter-only column selected
-- rules: column_filter_only
select country from fct_cohort
-- case: a filter-only column grouped by
-- rules: column_filter_only
select count() as n from fct_cohort group by country
-- case: a filter-only column ordered by
-- rules: column_filter_only
select platform from fct_cohort order by country
-- case: a filter-only column in a sum
-- rules: column_filter_only
select sum(length(country)) as n from fct_cohort
-- case: a filter-only column as an array
-- rules: column_filter_only
select groupArray(country) as a from fct_cohort
-- case: a filter-only column in limit by
-- rules: column_filter_only
select platform from fct_cohort limit 1 by country
-- case: a filter-only column under a window
-- rules: column_filter_only
select sum(1) over (partition by country) as s from fct_cohort
-- case: a filter-only column ordered by under another's name
-- rules: column_filter_only
select name as country from dim_experiments union all select platform from fct_cohort where country = 'x' order by country
-- case: an aggregate-only column selected
-- rules: column_aggregate_only
select spend from fct_cohort
-- case: an aggregate-only column in where
-- rules: column_aggregate_only
select platform from fct_cohort where spend > 1
-- case: an aggregate-only column in prewhere
-- rules: column_aggregate_only
select platform from fct_cohort prewhere spend > 1
-- case: an aggregate-only column at its maximum
-- rules: column_aggregate_only
select max(spend) as m from fct_cohort
-- case: an aggregate-only column by any
-- rules: column_aggregate_only
select any(spend) as m from fct_cohort
-- case: an aggregate-only column by a quantile
-- rules: column_aggregate_only
select quantile(0.5)(spend) as m from fct_cohort
-- case: an aggregate-only column as an array
-- rules: column_aggregate_only
select groupArray(spend) as m from fct_cohort
-- case: an aggregate-only column under -If
-- rules: column_aggregate_only
select avgIf(spend, platform = 'ios') as a from fct_cohort
-- case: an aggregate-only column under -OrNull
-- rules: column_aggregate_only
select sumOrNull(spend) as a from fct_cohort
-- case: an aggregate-only column under filter
-- rules: column_aggregate_only
select avg(spend) filter (where platform = 'ios') as a from fct_cohort
-- case: an aggregate-only column in a condition of -If
-- rules: column_aggregate_only
select countIf(spend > 1) as n from fct_cohort
-- case: an aggregate-only column under if
-- rules: column_aggregate_only
select sum(if(platform = 'ios', spend, 0)) as s from fct_cohort
-- case: an aggregate-only column in a window
-- rules: column_aggregate_only
select avg(spend) over (partition by platform) as a from fct_cohort
-- case: an aggregate-only column by argMax
-- rules: column_aggregate_only
select argMax(platform, spend) as p from fct_cohort
-- case: an aggregate-only column in an expression
-- rules: column_aggregate_only
select avg(spend + 1) as a from fct_cohort
-- case: an aggregate-only column in order by
-- rules: column_aggregate_only
select platform from fct_cohort order by spend
-- case: a column of two relations
-- rules: column_ambiguous
select experiment_id from dim_experiments as d join fct_daily as f on d.experiment_id = f.experiment_id
-- case: an unknown column
-- rules: column_not_found
select nme from dim_experiments
-- case: nan as a name
-- rules: column_not_found
select nan as x from fct_daily
-- case: absent column
-- rules: column_not_found
select owned from dim_experiments
-- case: hidden column in upper case and quotes
-- rules: column_not_found
select "OWNER" from dim_experiments
-- case: hidden column qualified
-- rules: column_not_found
select d.owner from dim_experiments d
-- case: hidden column in where
-- rules: column_not_found
select name from dim_experiments where owner like 'C%'
-- case: hidden column in group by
-- rules: column_not_found
select count(*) from dim_experiments group by owner
-- case: hidden column in having
-- rules: column_not_found
select status from dim_experiments group by status having max(owner) > 'a'
-- case: hidden column in an aggregate
-- rules: column_not_found
select count(distinct unit_id) from fct_cohort
-- case: hidden column in using
-- rules: column_not_found
select 1 from fct_cohort a join fct_cohort b using (unit_id)
-- case: hidden column in on
-- rules: column_not_found, column_not_found
select 1 from fct_cohort a join fct_cohort b on a.experiment_id = b.experiment_id and a.unit_id = b.unit_id
-- case: hidden column through a derived star
-- rules: column_not_found
select t.owner from (select * from dim_experiments) t
-- case: hidden column in a window
-- rules: column_not_found
select row_number() over (partition by owner order by name) from dim_experiments
-- case: hidden column in a correlated subquery
-- rules: column_not_found
select (select max(d.owner)) from dim_experiments d
-- case: hidden column in distinct on
-- rules: column_not_found
select distinct on (owner) name from dim_experiments
-- case: hidden column in a filter
-- rules: column_not_found
select count(*) filter (where owner = 'x') from dim_experiments
-- case: whole row
-- rules: column_not_found
select d from dim_experiments d
-- case: whole row in a function
-- rules: function_not_allowed, column_not_found
select to_json(d) from dim_experiments d
-- case: whole row counted
-- rules: column_not_found
select count(distinct d) from dim_experiments d
-- case: struct expansion
-- rules: column_not_found
select d.d.owner from dim_experiments d
-- case: columns of star
-- rules: syntax_not_allowed
select columns(*) from dim_experiments
-- case: star like
-- rules: syntax_not_allowed, column_not_found
select * like 'own%' from dim_experiments
-- case: rowid
-- rules: column_not_found
select rowid from dim_experiments
-- case: method chain on a column
-- rules: syntax_not_allowed
select owner.upper() from dim_experiments
-- case: ambiguous column
-- rules: column_ambiguous
select experiment_id from dim_experiments d join fct_daily f on d.experiment_id = f.experiment_id
-- case: column of an unknown relation
-- rules: column_not_found
select z.name from dim_experiments d
-- case: column of a semi-joined relation
-- rules: column_not_found
select n_events from dim_experiments d semi join fct_daily f on d.experiment_id = f.experiment_id
-- case: derived table cannot see its neighbour
-- rules: column_not_found
select 1 from dim_experiments d join (select experiment_id from fct_daily where n_events > 0 and d.name = 'x') f on d.experiment_id = f.experiment_id
-- case: star of an unknown relation
-- rules: column_not_found
select z.* from dim_experiments d
-- case: ordinal beyond the list
-- rules: column_not_found
select name from dim_experiments order by 2
-- case: set operation of different widths
-- rules: column_not_found
select name from dim_experiments union all select label, desired from dim_metrics
-- case: two columns in a scalar subquery
-- rules: column_not_found
select (select name, status from dim_experiments limit 1) as x
-- case: star in an expression
-- rules: syntax_not_allowed
select count(d.*) from dim_experiments d
-- case: filter-only column grouped
-- rules: column_filter_only
select count(*) from fct_cohort group by country
-- case: filter-only column through a cte
-- rules: column_filter_only
with t as (select country as c from fct_cohort) select c from t
-- case: filter-only column inside a function
-- rules: column_filter_only
select upper(country) as c from fct_cohort
-- case: filter-only column inside an aggregate
-- rules: column_filter_only
select max(country) as c from fct_cohort
-- case: filter-only column inside a case
-- rules: column_filter_only
select case when country = 'x' then 1 end as c from fct_cohort
-- case: filter-only column in a window
-- rules: column_filter_only
select row_number() over (order by country) as r from fct_cohort
-- case: filter-only column in a scalar subquery
-- rules: column_filter_only
select (select max(country) from fct_cohort) as c
-- case: filter-only column through a union
-- rules: column_filter_only
select platform from fct_cohort union all select country from fct_cohort
-- case: filter-only column in having
-- rules: column_filter_only
select platform from fct_cohort group by platform having max(country) > 'a'
-- case: filter-only column by ordinal
-- rules: column_filter_only, column_filter_only
select country, count(*) from fct_cohort group by 1
-- case: aggregate-only column in where
-- rules: column_aggregate_only
select platform from fct_cohort where spend > 100
-- case: aggregate-only column grouped by
-- rules: column_aggregate_only
select count(*) from fct_cohort group by spend
-- case: median of an aggregate-only column
-- rules: column_aggregate_only
select median(spend) as m from fct_cohort
-- case: case around an aggregate-only column
-- rules: column_aggregate_only
select sum(case when platform = 'ios' then spend end) as s from fct_cohort
-- case: filtered fold of an aggregate-only column
-- rules: column_aggregate_only
select sum(spend) filter (where platform = 'ios') as s from fct_cohort
-- case: arithmetic inside the fold of an aggregate-only column
-- rules: column_aggregate_only
select avg(spend * 1000) as a from fct_cohort
-- case: aggregate-only column through a cte into where
-- rules: column_aggregate_only
with t as (select spend as s, platform from fct_cohort) select platform from t where s > 5
-- case: aggregate-only column repeated by a union to pass the minimum
-- rules: column_aggregate_only
select avg(s) from (select spend as s from fct_cohort union all select spend from fct_cohort) t
-- case: aggregate-only column in a join condition
-- rules: column_aggregate_only
select d.name from dim_experiments d join fct_cohort c on c.experiment_id = d.experiment_id and c.spend > 1
-- case: filter-only column in a named window
-- rules: column_filter_only
select row_number() over w as r from fct_cohort window w as (order by country)
-- case: filter-only column in a frame
-- rules: column_filter_only
select count(*) over (order by platform rows between length(country) preceding and current row) as r from fct_cohort
-- case: a star over filter-only columns alone
-- rules: column_not_found
select * from (select country as c from fct_cohort) t
-- case: aggregate-only column of picked rows
-- rules: column_aggregate_only
with t as (select spend from fct_cohort order by platform limit 6) select avg(spend) as a from t
-- case: aggregate-only column of numbered rows
-- rules: column_aggregate_only
with t as (select spend, row_number() over (order by platform) as r from fct_cohort) select avg(spend) as a from t where r < 7
-- case: a window nobody defined
-- rules: column_not_found
select sum(n_events) over w as s from fct_daily
-- case: hidden column in a list
-- rules: column_not_found
select [name, owner] as l from dim_experiments
-- case: star over two relations, one without names
-- rules: column_not_found
select * from (select experiment_id, upper(name) from dim_experiments) t join fct_daily f using (experiment_id)
-- case: star over limited outputs without a name
-- rules: column_not_found
select * from (select upper(country), 1 from fct_cohort) t
-- case: hidden column by natural join
-- rules: syntax_not_allowed
select 1 from fct_cohort a natural join fct_cohort b
-- case: row of a row
-- rules: function_not_allowed, column_not_found
select row(d) as r from dim_experiments d
