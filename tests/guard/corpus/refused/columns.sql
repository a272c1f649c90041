-- case: hidden column
-- rules: column_not_found
select owner from dim_experiments
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
-- case: hidden column in order by
-- rules: column_not_found
select name from dim_experiments order by owner
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
-- case: hidden column in exclude
-- rules: column_not_found
select * exclude (owner) from dim_experiments
-- case: hidden column in replace
-- rules: column_not_found
select * replace (owner as name) from dim_experiments
-- case: hidden column through a cte
-- rules: column_not_found
with t as (select * from dim_experiments) select owner from t
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
-- case: whole row by table name
-- rules: column_not_found
select dim_experiments from dim_experiments
-- case: whole row counted
-- rules: column_not_found
select count(distinct d) from dim_experiments d
-- case: row expansion
-- rules: syntax_not_allowed, column_not_found
select unnest(d) from dim_experiments d
-- case: struct expansion
-- rules: column_not_found
select d.d.owner from dim_experiments d
-- case: columns expression
-- rules: column_not_found
select columns('own.*') from dim_experiments
-- case: star like
-- rules: column_not_found
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
-- case: filter-only column selected
-- rules: column_filter_only
select country from fct_cohort
-- case: filter-only column grouped
-- rules: column_filter_only
select count(*) from fct_cohort group by country
-- case: filter-only column ordered by
-- rules: column_filter_only
select platform from fct_cohort order by country
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
-- case: aggregate-only column selected
-- rules: column_aggregate_only
select spend from fct_cohort
-- case: aggregate-only column in where
-- rules: column_aggregate_only
select platform from fct_cohort where spend > 100
-- case: aggregate-only column ordered by
-- rules: column_aggregate_only
select platform from fct_cohort order by spend
-- case: aggregate-only column grouped by
-- rules: column_aggregate_only
select count(*) from fct_cohort group by spend
-- case: maximum of an aggregate-only column
-- rules: column_aggregate_only
select max(spend) as m from fct_cohort
-- case: list of an aggregate-only column
-- rules: column_aggregate_only
select list(spend) as l from fct_cohort
-- case: median of an aggregate-only column
-- rules: column_aggregate_only
select median(spend) as m from fct_cohort
-- case: case around an aggregate-only column
-- rules: column_aggregate_only
select sum(case when platform = 'ios' then spend end) as s from fct_cohort
-- case: filtered fold of an aggregate-only column
-- rules: column_aggregate_only
select sum(spend) filter (where platform = 'ios') as s from fct_cohort
-- case: window over an aggregate-only column
-- rules: column_aggregate_only
select avg(spend) over (partition by platform) as a from fct_cohort
-- case: arithmetic inside the fold of an aggregate-only column
-- rules: column_aggregate_only
select avg(spend * 1000) as a from fct_cohort
-- case: aggregate-only column through a cte into where
-- rules: column_aggregate_only
with t as (select spend as s, platform from fct_cohort) select platform from t where s > 5
-- case: aggregate-only column repeated by a union to pass the minimum
-- rules: column_aggregate_only
select avg(s) from (select spend as s from fct_cohort union all select spend from fct_cohort) t
-- case: aggregate-only column repeated by values to pass the minimum
-- rules: fan_out
select avg(c.spend) as a from fct_cohort c join (values ('ios'), ('ios'), ('ios'), ('ios'), ('ios')) v(p) on c.platform = v.p
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
-- case: aggregate-only column repeated inside a derived table
-- rules: column_aggregate_only
select avg(t.spend) as a from (select c.spend, u.x from fct_cohort c, unnest([1, 2, 3, 4, 5]) u(x)) t
-- case: aggregate-only column of picked rows
-- rules: column_aggregate_only
with t as (select spend from fct_cohort order by platform limit 6) select avg(spend) as a from t
-- case: aggregate-only column of numbered rows
-- rules: column_aggregate_only
with t as (select spend, row_number() over (order by platform) as r from fct_cohort) select avg(spend) as a from t where r < 7
-- case: a window nobody defined
-- rules: column_not_found
select sum(n_events) over w as s from fct_daily
-- case: hidden column in lateral
-- rules: column_not_found
select d.name, l.o from dim_experiments d, lateral (select d.owner as o) l
-- case: hidden column folded in lateral
-- rules: column_not_found
select d.name, l.o from dim_experiments d, lateral (select max(d.owner) as o from fct_daily) l
-- case: whole row in lateral
-- rules: column_not_found
select l.x from dim_experiments d, lateral (select d as x) l
-- case: star of a neighbour in lateral
-- rules: column_not_found
select l.* from dim_experiments d, lateral (select d.*) l
-- case: filter-only column through lateral
-- rules: column_filter_only, column_filter_only
select l.c from fct_cohort c, lateral (select c.country as c) l
-- case: aggregate-only column through lateral
-- rules: column_aggregate_only
select d.name, avg(l.s) as a from dim_experiments d, lateral (select c.spend as s from fct_cohort c where c.experiment_id = d.experiment_id) l group by 1
-- case: hidden column in a struct
-- rules: column_not_found
select {'n': owner} as s from dim_experiments
-- case: filter-only column in a struct
-- rules: column_filter_only
select {'n': country} as s from fct_cohort
-- case: aggregate-only column in a struct
-- rules: column_aggregate_only
select {'n': spend} as s from fct_cohort
-- case: whole row in a struct
-- rules: column_not_found
select {'n': d} as s from dim_experiments d
-- case: a part of a struct by a point
-- rules: column_not_found
select t.s.n from (select {'n': name} as s from dim_experiments) t
-- case: a part of a bracketed struct by a point
-- rules: syntax_not_allowed
select (s).n from (select {'n': name} as s from dim_experiments) t
-- case: a struct unnested
-- rules: syntax_not_allowed
select unnest({'a': 1}) as x
-- case: hidden column in a list
-- rules: column_not_found
select [name, owner] as l from dim_experiments
-- case: hidden column unnested
-- rules: syntax_not_allowed, column_not_found
select unnest([owner]) as x from dim_experiments
-- case: exclude over outputs without a name
-- rules: column_not_found
select * exclude (status) from (select upper(name), status from dim_experiments) t
-- case: star over two relations, one without names
-- rules: column_not_found
select * from (select experiment_id, upper(name) from dim_experiments) t join fct_daily f using (experiment_id)
-- case: star over limited outputs without a name
-- rules: column_not_found
select * from (select upper(country), 1 from fct_cohort) t
-- case: hidden column by natural join
-- rules: syntax_not_allowed
select 1 from fct_cohort a natural join fct_cohort b
-- case: hidden column by its place
-- rules: syntax_not_allowed
select #5 from dim_experiments
-- case: row of a row
-- rules: column_not_found
select row(d) as r from dim_experiments d
-- case: a column with schema and table
-- rules: column_not_found
select main.dim_experiments.name from main.dim_experiments

-- case: hidden column among columns
-- rules: syntax_not_allowed
select columns(['name', 'owner']) from dim_experiments

-- case: aggregate-only column among columns
-- rules: syntax_not_allowed
select columns(['platform', 'spend']) from fct_cohort

-- case: a pattern that takes for ever
-- rules: syntax_not_allowed
select columns('(n+)+$') from dim_experiments

-- case: a pattern of many repetitions
-- rules: syntax_not_allowed
select columns('.*a.*b.*c.*d') from dim_experiments

-- case: a pattern that is no text
-- rules: syntax_not_allowed
select columns(lambda c: c like 'own%') from dim_experiments

-- case: a pattern that cannot be read
-- rules: syntax_not_allowed
select columns('[z-a]') from dim_experiments

-- case: two patterns in one expression
-- rules: syntax_not_allowed
select columns('name') || columns('status') from dim_experiments

-- case: columns outside the select list
-- rules: syntax_not_allowed
select name from dim_experiments where columns('own.*') is not null

-- case: columns in order by
-- rules: syntax_not_allowed
select name from dim_experiments order by columns('own.*')

-- case: columns in a subquery of an item
-- rules: column_not_found, syntax_not_allowed
select coalesce((select max(columns('own.*')) from dim_experiments), 'x') || columns('name') from dim_experiments

-- case: columns replaced
-- rules: syntax_not_allowed
select columns(* replace (upper(name) as name)) from dim_experiments

-- case: star not like
-- rules: syntax_not_allowed
select * not like 'n%' from dim_experiments

-- case: star like in a condition
-- rules: syntax_not_allowed
select name from dim_experiments where * like 'own%'

-- case: hidden column renamed by a star
-- rules: column_not_found
select * rename (owner as o) from dim_experiments

-- case: hidden column in a lambda
-- rules: column_not_found
select list_transform([1], lambda x: owner = 'a') as l from dim_experiments

-- case: hidden column through a parameter with its relation's name
-- rules: duplicate_name, syntax_not_allowed
select list_filter(['a'], lambda d: d.owner = 'a') as l from dim_experiments d

-- case: parameter with the name of a column
-- rules: duplicate_name
select list_transform([1], lambda name: name) as l from dim_experiments

-- case: parameter with the name of a column outside
-- rules: duplicate_name
select (select list_transform([1], lambda name: name)) as l from dim_experiments

-- case: filter-only column in a lambda
-- rules: column_filter_only
select list_transform([1], lambda x: country = 'a') as l from fct_cohort

-- case: aggregate-only column in a lambda
-- rules: column_aggregate_only
select list_transform([1], lambda x: spend + x) as l from fct_cohort

-- case: hidden column of the row beside it unnested
-- rules: column_not_found
select u.x from dim_experiments d, unnest(split(d.owner, '-')) as u(x)

-- case: filter-only column unnested
-- rules: column_filter_only
select u.x from fct_cohort c, unnest([c.country]) as u(x)

-- case: aggregate-only column unnested
-- rules: column_aggregate_only
select u.x from fct_cohort c, unnest([c.spend]) as u(x)

-- case: a column of a later relation unnested
-- rules: column_not_found
select u.x from unnest(split(d.name, 'n')) as u(x), dim_experiments d

-- case: aggregate-only column in a row
-- rules: column_aggregate_only
select row(spend, platform) as r from fct_cohort

-- case: aggregate-only column in bits
-- rules: column_aggregate_only
select cast(spend as bigint) & 1 as b from fct_cohort

-- case: filter-only column in a slice
-- rules: column_filter_only
select country[1:2] as c from fct_cohort

-- case: filter-only column in a template
-- rules: column_filter_only
select format('{}', country) as c from fct_cohort

-- case: hidden column in a tuple of a subquery
-- rules: column_not_found
select name from dim_experiments where (name, status) in (select (owner, status) from dim_experiments)

-- case: filter-only column in a tuple of a subquery, selected
-- rules: column_filter_only
select (platform, variation_id) in (select (country, platform) from fct_cohort) as b from fct_cohort

-- case: aggregate-only column by its place in the best
-- rules: column_aggregate_only
select max_by(platform, spend, 3) as p from fct_cohort
