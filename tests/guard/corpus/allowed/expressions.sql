-- case: case forms
select case status when 'running' then 1 else 0 end as a, case when status = 'ended' then 'e' when name is null then 'n' end as b from dim_experiments
-- case: casts
select started_at::date as d, cast(started_at as varchar) as s, try_cast(name as integer) as i, cast('1.5' as decimal(10, 2)) as x from dim_experiments
-- case: date functions
select date_trunc('month', started_at) as m, extract(year from started_at) as y, date_part('dow', started_at) as w, year(started_at) as yy, strftime(started_at, '%Y-%m') as t from dim_experiments
-- case: date arithmetic
select started_at + interval 3 day as a, started_at - interval '1 week' as b, started_at + interval '2' month as c, date_diff('day', started_at, timestamp '2026-06-01') as d, datediff('hour', started_at, timestamp '2026-06-01') as e from dim_experiments
-- case: today
select experiment_id, date_day, current_date >= date_day as past from fct_daily where date_day <= today()
-- case: text functions
select upper(name), lower(name), length(name), substr(name, 1, 2), replace(name, 'O', '0'), name || '!' as n, concat(name, '-', status), trim(name), left(name, 1), split_part(name, 'n', 1), regexp_replace(name, '[aeiou]', '*', 'g'), regexp_matches(name, 'n'), starts_with(name, 'O'), contains(name, 'n'), lpad(name, 8, '.') from dim_experiments
-- case: number functions
select round(exposure_rate, 2), abs(exposure_rate - 1), floor(exposure_rate * 10), sqrt(exposure_rate), ln(exposure_rate + 1), greatest(exposure_rate, 0.1), n_events % 3, n_events // 2, power(n_events, 2), mod(n_events, 2), -n_events from fct_daily
-- case: null handling
select coalesce(status, 'none'), nullif(status, 'ended'), ifnull(name, '-'), if(status = 'ended', 1, 0) from dim_experiments
-- case: boolean tests
select name, status = 'running' and name <> 'x' as live, not (status = 'ended') as open, true as yes from dim_experiments
-- case: lateral alias
select n_events * 2 as doubled, doubled + 1 as more from fct_daily
-- case: alias in where
select upper(name) as shout from dim_experiments where shout = 'ONE'
-- case: list literal and index
select [1, 2, 3][2] as second, list_contains(['a', 'b'], status) as has from dim_experiments
-- case: json of an observed split
select json_extract_string('{"control": 10}', '$.control') as control, '{"a": 1}'::varchar as raw
-- case: numbers of every plain form
select 1, 1.5, .5, 1e3, 1.5e-3, 100000000000, -2
-- case: extract epoch and isodow
select extract(epoch from started_at) as e, extract(isodow from started_at) as w, dayname(started_at), monthname(started_at), last_day(started_at), week(started_at) from dim_experiments
-- case: date and timestamp literals
select date '2026-01-01' as d, timestamp '2026-01-01 00:00:00' as t, interval '90' minute as i
-- case: make and time bucket
select make_date(2026, 1, 2) as d, time_bucket(interval '1 week', started_at) as w, epoch(started_at) as e, age(started_at, timestamp '2026-01-01') as a from dim_experiments
-- case: concat operator chain
select experiment_id || ':' || status || ':' || name as k from dim_experiments
-- case: any of a subquery
select name from dim_experiments where experiment_id = any (select experiment_id from fct_daily)
-- case: string then cast
select '2026-01-01'::date as t, cast(date '2026-01-01' as timestamp) as u
-- case: json compared
select json_extract_string('{"a": "b"}', '$.a') = 'b' as same, '{"a": "b"}' ->> '$.a' as v
-- case: nested case in arithmetic
select sum(case when status = 'ended' then 1 else 0 end) * 1.0 / count(*) as share from dim_experiments
-- case: similar to
select name from dim_experiments where name similar to 'O.*'
-- case: concat_ws and greatest over text
select concat_ws('/', experiment_id, status) as p, greatest(name, status) as g from dim_experiments
