-- case: rank and qualify
select experiment_id, date_day, n_events from fct_daily qualify row_number() over (partition by experiment_id order by n_events desc) = 1
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
-- case: range frame over days
select experiment_id, date_day, sum(n_events) over (partition by experiment_id order by date_day range between interval 1 day preceding and current row) as s from fct_daily
