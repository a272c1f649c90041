-- case: logarithms keep their last digit
select log(10) as a, log2(n_events + 1) as b, log10(n_events + 1) as c, ln(2) as d, log(3, 9) as e from fct_daily
-- case: rounding
select round(1.25, 1), round(1.5), trunc(1.5), trunc(1.25, 1), ceil(1.2), ceiling(1.2), floor(1.2), sign(-1), abs(-1)
-- case: substrings in every form
select substr('abc', 2), substring('abc', 2, 1), substring('abc' from 2), substring('abc' from 2 for 1)
-- case: positions
select position('b' in 'abc'), strpos('abc', 'b'), instr('abc', 'b')
-- case: trims in every form
select trim(both 'x' from 'xax'), trim('xax', 'x'), ltrim('xa', 'x'), rtrim('ax', 'x'), trim(leading 'x' from 'xa'), trim(trailing from 'a ')
-- case: padding
select lpad('a', 3, 'x'), rpad('a', 3, 'x'), reverse('abc'), ascii('a'), chr(65), unicode('a')
-- case: splits
select split('a,b', ','), string_split('a,b', ','), str_split('a,b', ','), split_part('a,b', ',', 1)
-- case: regular expressions
select regexp_replace('abc', 'b', 'x'), regexp_replace('abc', 'b', 'x', 'g'), regexp_extract('abc', 'b'), regexp_extract('abc', '(b)(c)', 1), regexp_extract_all('abc', '.'), regexp_full_match('abc', 'a.*')
-- case: a regular expression with a flag
select regexp_matches(name, 'ONE', 'i') as m from dim_experiments
-- case: replace, translate, concat with nulls
select replace('abc', 'b', 'x'), translate('abc', 'b', 'x'), concat('a', null, 'b'), concat_ws('-', 'a', null, 'b'), 'a' || null
-- case: starts, ends, contains
select starts_with('abc', 'a'), ends_with('abc', 'c'), prefix('abc', 'a'), suffix('abc', 'c'), contains('abc', 'b')
-- case: hashes
select md5('a'), sha1('a'), sha256('a')
-- case: distances
select levenshtein('a', 'b'), damerau_levenshtein('a', 'b'), jaccard('a', 'b'), hamming('a', 'b'), jaro_winkler_similarity('a', 'b')
-- case: parts of a date by name
select year(date '2026-01-01'), month(date '2026-01-01'), day(date '2026-01-01'), hour(timestamp '2026-01-01 01:00:00'), quarter(date '2026-01-01'), week(date '2026-01-01'), dayofweek(date '2026-01-01'), isodow(date '2026-01-01'), dayofyear(date '2026-01-01'), yearweek(date '2026-01-01')
-- case: parts of a date by extract
select extract(dow from date '2026-01-01'), extract(week from date '2026-01-01'), extract(doy from date '2026-01-01'), extract(hour from timestamp '2026-01-01 01:00:00'), extract(isoyear from date '2026-01-01')
-- case: parts of a date by date_part
select date_part('year', date '2026-01-01'), date_part('epoch', timestamp '2026-01-01 00:00:00'), datepart('month', date '2026-01-01')
-- case: a date literal truncated
select date_trunc('week', date '2026-01-07') as w, date_trunc('month', date_day::date) as m, date_trunc('quarter', timestamp '2026-01-01 00:00:00') as q from fct_daily
-- case: differences of dates
select date_diff('day', date '2026-01-01', date '2026-02-01'), datediff('month', date '2026-01-01', date '2026-02-01'), date_sub('day', date '2026-01-01', date '2026-02-01'), datesub('week', date '2026-01-01', date '2026-02-01')
-- case: dates from text and back
select strftime(date '2026-01-01', '%Y'), strptime('2026', '%Y'), try_strptime('x', '%Y'), dayname(date '2026-01-01'), monthname(date '2026-01-01'), last_day(date '2026-01-01')
-- case: dates from numbers
select make_date(2026, 1, 1), make_time(1, 2, 3), make_timestamp(2026, 1, 1, 0, 0, 0)
-- case: epochs
select epoch(timestamp '2026-01-01 00:00:00'), epoch_ms(timestamp '2026-01-01 00:00:00'), epoch_us(timestamp '2026-01-01 00:00:00'), epoch_ns(timestamp '2026-01-01 00:00:00')
-- case: dates plus and minus
select date '2026-01-01' + 1, date '2026-01-01' - date '2025-01-01', date '2026-01-01' + interval 1 month, timestamp '2026-01-01 00:00:00' - interval '90 minutes', interval '1 month' + date '2026-01-01'
-- case: intervals in every form
select interval '1 day', interval 1 day, interval '1' day, interval 1 days, interval (1 + 1) day, interval 1 hour + interval 2 minute, -interval 1 day, interval '-3' day, interval '1' year
-- case: intervals by function
select to_days(3), to_hours(2), to_weeks(1), to_months(1), to_years(1), to_minutes(5), to_seconds(5), to_milliseconds(5)
-- case: today in both spellings
select current_date = today() as same, current_date - 30 < today() as before
-- case: casts to every plain type
select cast('1' as tinyint), cast('1' as smallint), cast('1' as utinyint), cast('1' as ubigint), cast('1' as float4), cast(1 as decimal(18, 4)), cast('2026-01-01' as date), cast('10:00' as time), cast(1 as bool), cast('1 day' as interval), cast(1 as decimal)
-- case: casts under their other names
select 1::float8, 1::int4, 1::int8, 1::numeric(10, 2), '1'::string, 1::text, 1::hugeint, 1::real, try_cast('a' as int), try_cast('a' as double precision)
-- case: null handling in every form
select coalesce(null, 1), ifnull(null, 1), nullif(1, 1), if(true, 1, 2), case when true then 1 end, case 1 when 1 then 2 else 3 end, greatest(1, null), least(null, 2)
-- case: lists
select [1, 2, 3], [1, 2][1], [1, 2, 3][-1], list_value(1, 2), [[1], [2]], list_contains([1], 1), list_sort([2, 1]), list_distinct([1, 1]), len([1, 2]), list_max([1]), list_position([1], 1), flatten([[1], [2]])
-- case: lists joined and cut
select list_append([1], 2), list_concat([1], [2]), list_reverse([1, 2]), list_extract([1], 1), list_slice([1, 2], 1, 1), list_has_any([1], [2]), list_intersect([1], [2]), array_to_string(['a', 'b'], '-'), list_unique([1])
-- case: a list of columns
select [name, status] as both, [name, status][1] as first_of from dim_experiments
-- case: json by key and by path
select '{"a": {"b": 1}}' -> 'a' -> 'b', '{"a": 1}' ->> 'a', '{"a": [1]}' ->> '$.a[0]', json_extract('{"a": 1}', '$.a'), json_extract_string('{"a": 1}', 'a'), json_keys('{"a": 1}'), json_type('{"a": 1}'), json_valid('x')
-- case: a json path with steps
select '{"a": {"b": 1}}' ->> '$.a.b' as v, concat('x.y', 'a.b') as w
-- case: arithmetic by function
select mod(7, 2), 7 % 2, fmod(7, 2), divide(7, 2), multiply(2, 3), add(1, 2), subtract(3, 1), power(2, 3), 2 ** 3, 2 ^ 3
-- case: tests of a float
select isnan(1.0::double), isinf(1.0::double), isfinite(1.0::double)
-- case: type and try
select typeof(1) as t, try(cast('x' as integer)) as n
-- case: quantiles of several levels
select quantile_cont(n_events, [0.1, 0.5]) as q, approx_quantile(n_events, 0.5) as a from fct_daily
-- case: text aggregates in their spellings
select string_agg(name, '-' order by name) as a, group_concat(name, '-' order by name) as b, listagg(name, '-' order by name) as c, string_agg(distinct status, ',' order by status) as d from dim_experiments
-- case: moments
select kurtosis(n_events) as k, skewness(n_events) as s, covar_pop(n_events, exposure_rate) as p, covar_samp(n_events, exposure_rate) as q, variance(n_events) as v, stddev(n_events) as d from fct_daily
-- case: bits folded
select bit_and(n_events) as a, bit_or(n_events) as o, bit_xor(n_events) as x from fct_daily
