-- case: limit by
select experiment_id, date_day, n_events from fct_daily order by n_events desc limit 1 by experiment_id
-- case: limit by two
select experiment_id, date_day from fct_daily order by date_day limit 2 by experiment_id
-- case: limit by under a limit outside
select experiment_id, n_events from (select experiment_id, n_events from fct_daily order by n_events desc limit 1 by experiment_id) as t order by n_events desc, experiment_id limit 2
-- case: limit by an output
select toStartOfMonth(date_day) as month, n_events from fct_daily order by n_events, experiment_id limit 1 by month
-- case: limit by a position
select status, count() as n from dim_experiments group by status order by status limit 1 by 1
-- case: rollup
select status, count() as n from dim_experiments group by rollup(status)
-- case: with rollup
select status, count() as n from dim_experiments group by status with rollup
-- case: with cube
select status, toYear(started_at) as y, count() as n from dim_experiments group by status, y with cube
-- case: cube
select status, name, count() as n from dim_experiments group by cube(status, name)
-- case: grouping sets
select status, name, count() as n from dim_experiments group by grouping sets ((status), (name), ())
-- case: group by all
select status, toYear(started_at) as y, count() as n from dim_experiments group by all
-- case: qualify
select experiment_id, date_day, n_events from fct_daily qualify row_number() over (partition by experiment_id order by n_events desc) = 1
-- case: windows with frames
select date_day, sum(n_events) over (partition by experiment_id order by date_day rows between 2 preceding and current row) as s, avg(n_events) over (partition by experiment_id order by date_day range between 1 preceding and 1 following) as a from fct_daily
-- case: a named window
select date_day, sum(n_events) over w as s, row_number() over w as r from fct_daily window w as (partition by experiment_id order by date_day)
-- case: windows of place
select lag(n_events) over (partition by experiment_id order by date_day) as a, lead(n_events, 1, 0) over (partition by experiment_id order by date_day) as b, lagInFrame(n_events) over (partition by experiment_id order by date_day) as c, first_value(n_events) over (partition by experiment_id order by date_day) as d, ntile(2) over (partition by experiment_id order by date_day) as e from fct_daily
-- case: an aggregate with a combinator as a window
select date_day, sumIf(n_events, n_events > 3) over (partition by experiment_id order by date_day) as s, quantile(0.5)(n_events) over (partition by experiment_id) as m from fct_daily
-- case: shares by a window over a group
select experiment_id, sum(n_events) as n, n / sum(n) over () as share from fct_daily group by experiment_id
-- case: window
select experiment_id, date_day, row_number() over (partition by experiment_id order by n_events desc) as r from fct_daily
-- case: limit and offset
select name from dim_experiments order by name limit 5 offset 1
-- case: bracketed sides
(select name from dim_experiments limit 1) union all (select label from dim_metrics limit 1)
-- case: running total
select experiment_id, date_day, sum(n_events) over (partition by experiment_id order by date_day rows between unbounded preceding and current row) as s from fct_daily
-- case: ranks
select experiment_id, rank() over (partition by experiment_id order by n_events desc) as r, dense_rank() over (order by n_events) as d from fct_daily
-- case: row before
select experiment_id, lagInFrame(n_events) over (partition by experiment_id order by date_day) as p from fct_daily
-- case: nulls last, limit, offset
select name from dim_experiments order by name desc nulls last limit 2 offset 1
-- case: grouping sets, again
select status, name, count() as n from dim_experiments group by grouping sets ((status), (name))
-- case: a narrow padding
select lpad(name, 20, '.') as t from dim_experiments
-- case: a limit above the cap
select name from dim_experiments limit 1000000
-- case: count per status
select status, count(*) as n from dim_experiments group by status order by n desc
-- case: group by ordinal
select status, count(*) from dim_experiments group by 1 order by 2 desc, 1
-- case: group by alias
select upper(status) as s, count(*) as n from dim_experiments group by s having n > 0 order by s
-- case: rollup, again
select status, name, count(*) as n from dim_experiments group by rollup (status, name)
-- case: cube and grouping sets
select status, name, count(*) as n from dim_experiments group by grouping sets ((status), (name), ())
-- case: count distinct
select count(distinct status) as n, count(*) filter (where status = 'ended') as ended from dim_experiments
-- case: sum of an additive measure
select experiment_id, sum(n_events) as n from fct_daily group by experiment_id
-- case: sum of an additive measure over everything
select sum(n_events) as n from fct_daily
-- case: having with an aggregate
select experiment_id, sum(n_events) as n from fct_daily group by experiment_id having sum(n_events) > 10 and max(n_events) > 2
-- case: order by aggregate
select status from dim_experiments group by status order by count(*) desc, status
-- case: count of a column and avg of an additive measure
select count(name) as n from dim_experiments
-- case: group by nothing but having
select count(*) as n from dim_experiments having count(*) > 0
-- case: group by expression
select year(started_at) as y, count(*) from dim_experiments group by year(started_at)
-- case: qualify by alias
select experiment_id, date_day, rank() over (partition by experiment_id order by n_events desc) as r from fct_daily qualify r <= 2
-- case: named window
select experiment_id, date_day, sum(n_events) over w as s, avg(n_events) over w as a from fct_daily window w as (partition by experiment_id order by date_day)
-- case: frames
select date_day, sum(n_events) over (order by date_day, experiment_id rows between 2 preceding and current row) as s, max(n_events) over (order by date_day, experiment_id rows between unbounded preceding and 1 following) as m from fct_daily
-- case: lag lead first last
select experiment_id, date_day, lag(n_events) over w as a, lead(n_events, 1, 0) over w as b, first_value(n_events) over w as c, last_value(n_events) over w as d, ntile(2) over w as e, percent_rank() over w as f, cume_dist() over w as g, dense_rank() over w as h, nth_value(n_events, 2) over w as i from fct_daily window w as (partition by experiment_id order by date_day)
-- case: window over groups
select status, count(*) as n, rank() over (order by count(*) desc, status) as place from dim_experiments group by status
-- case: filtered window
select experiment_id, date_day, count(*) filter (where n_events > 3) over (partition by experiment_id) as big from fct_daily
