-- case: a series at the bound
select count(*) as n from range(0, 99999) r(i)
-- case: a series of days over two years
select count(*) as n from generate_series(date '2025-01-01', date '2026-12-31', interval 1 day) s(d)
-- case: a series with a step below nothing
select i from generate_series(10, 1, -1) t(i)
-- case: a narrow padding
select lpad(name, 20, '.') as t from dim_experiments
-- case: a limit above the cap
select name from dim_experiments limit 1000000
-- case: numbers one after another by generate_series instead of recursion
select s.i, s.i * s.i as square from generate_series(1, 5) s(i)
-- case: a label of several parts, used in the next step
with a as (select name || ' (' || experiment_id || ')' as label, status from dim_experiments) select label || ': ' || status as line, replace(label, ' ', '_') as slug from a
-- case: an alias used to go on
select name || '!' as a, a || '?' as b, upper(b) as c from dim_experiments
-- case: names as one text
select status, string_agg(name, ', ' order by name) as names from dim_experiments group by status
