-- case: conditions by function
select if(n_events > 5, 'big', 'small') as a, multiIf(n_events > 10, 'c', n_events > 5, 'b', 'a') as b from fct_daily
-- case: null handling by function
select coalesce(nullIf(status, 'ended'), 'over') as a, ifNull(null, 1) as b, isNull(name) as c, assumeNotNull(name) as d from dim_experiments
-- case: starts of periods
select toStartOfDay(started_at) as a, toStartOfWeek(started_at) as b, toStartOfMonth(started_at) as c, toStartOfQuarter(started_at) as d, toStartOfYear(started_at) as e, toMonday(started_at) as f from dim_experiments
-- case: starts of short periods
select toStartOfHour(started_at) as a, toStartOfMinute(started_at) as b, toStartOfFiveMinutes(started_at) as c, toStartOfFifteenMinutes(started_at) as d, toStartOfTenMinutes(started_at) as e from dim_experiments
-- case: starts of an interval
select toStartOfInterval(started_at, interval 2 hour) as a, toStartOfInterval(started_at, interval 1 month) as b from dim_experiments
-- case: a week that starts on monday
select toStartOfWeek(date_day, 1) as w, sum(n_events) as n from fct_daily group by w order by w
-- case: a start in a time zone
select toStartOfDay(started_at, 'UTC') as a, toStartOfMonth(started_at, 'UTC') as b from dim_experiments
-- case: parts of a date
select toYear(date_day) as y, toMonth(date_day) as m, toDayOfMonth(date_day) as d, toDayOfWeek(date_day) as w, toISOWeek(date_day) as i, toYYYYMM(date_day) as ym, toYYYYMMDD(date_day) as ymd from fct_daily
-- case: parts of a date by extract
select extract(year from started_at) as y, extract(month from started_at) as m, extract(day from started_at) as d from dim_experiments
-- case: differences of dates
select dateDiff('day', toDate('2026-02-01'), date_day) as a, date_diff('week', toDate('2026-01-01'), date_day) as b from fct_daily
-- case: a difference in a time zone
select dateDiff('hour', started_at, toDateTime('2026-06-01 00:00:00', 'UTC'), 'UTC') as h from dim_experiments
-- case: intervals added and taken away
select date_day + interval 7 day as a, date_day - interval 1 month as b, started_at + interval 2 hour as c from fct_daily join dim_experiments using (experiment_id)
-- case: days added as numbers
select date_day + 1 as a, date_day - 1 as b from fct_daily
-- case: dates added by function
select addDays(date_day, 1) as a, addMonths(date_day, 1) as b, subtractWeeks(date_day, 1) as c, dateAdd(day, 3, date_day) as d, dateSub(month, 1, date_day) as e from fct_daily
-- case: days back from today
select date_day from fct_daily where date_day < today() - 1 and date_day < yesterday()
-- case: dates as text
select formatDateTime(started_at, '%Y-%m-%d %H:%i:%S') as a, formatDateTime(started_at, '%d.%m.%y') as b, toString(date_day) as c from fct_daily join dim_experiments using (experiment_id)
-- case: dates from text
select toDate('2026-01-01') as a, toDateTime('2026-01-01 10:00:00') as b, parseDateTimeBestEffort('1 Jan 2026') as c, toDateOrNull('x') as d
-- case: dates truncated by unit
select dateTrunc('week', date_day) as a, date_trunc('month', date_day) as b, date_trunc('hour', started_at, 'UTC') as c from fct_daily join dim_experiments using (experiment_id)
-- case: names of months and days
select dateName('month', date_day) as m, dateName('weekday', date_day) as w, monthName(date_day) as n from fct_daily
-- case: typed literals of dates
select date_day from fct_daily where date_day >= date '2026-02-02' and date_day < '2026-02-04'
-- case: text in and out
select upper(name) as a, lowerUTF8(name) as b, lengthUTF8(name) as c, substring(name, 1, 2) as d, substr(name, 2) as e, left(name, 1) as f, right(name, 1) as g from dim_experiments
-- case: text searched
select position(name, 'n') as a, locate(name, 'n') as b, positionCaseInsensitive(name, 'O') as c, startsWith(name, 'O') as d, match(name, '^O.e$') as e, multiSearchAny(name, ['x', 'One']) as f from dim_experiments
-- case: text replaced
select replaceOne(name, 'n', 'm') as a, replaceAll(name, 'n', 'm') as b, replaceRegexpAll(name, '[aeiou]', '*') as c, replaceRegexpOne(name, '^(.)', '<\1>') as d, translate(name, 'On', 'nO') as e from dim_experiments
-- case: text split and joined
select splitByChar('_', experiment_id) as a, splitByString('__', experiment_id) as b, arrayStringConcat(['a', 'b'], '-') as c, splitByChar('_', experiment_id)[2] as d from dim_experiments
-- case: text trimmed and padded
select trim(name) as a, trimLeft(name) as b, ltrim(' x') as c, leftPad('7', 3, '0') as d, rightPad('7', 3, '.') as e from dim_experiments
-- case: text formatted
select concat(name, ' (', status, ')') as a, format('{0}-{1}', name, status) as b, concatWithSeparator('/', name, status) as c from dim_experiments
-- case: numbers rounded
select round(exposure_rate, 2) as a, roundBankers(exposure_rate, 1) as b, floor(exposure_rate * 10) as c, ceil(exposure_rate * 10) as d, trunc(exposure_rate, 1) as e from fct_daily
-- case: division in its forms
select n_events / 2 as a, intDiv(n_events, 2) as b, n_events % 2 as c, divide(n_events, 2) as d, intDivOrZero(n_events, 0) as e, moduloOrZero(n_events, 0) as f from fct_daily
-- case: logarithms and powers
select log(n_events) as a, ln(n_events) as b, log2(n_events) as c, log10(n_events) as d, log1p(n_events) as e, exp(1) as f, pow(n_events, 2) as g, sqrt(n_events) as h, cbrt(n_events) as i from fct_daily
-- case: numbers checked
select isNaN(exposure_rate) as a, isFinite(exposure_rate) as b, isInfinite(exposure_rate) as c, ifNotFinite(1 / exposure_rate, 0) as d from fct_daily
-- case: greatest, least and clamp
select greatest(n_events, 5) as a, least(n_events, 5) as b, clamp(n_events, 2, 8) as c, sign(n_events) as d, abs(-n_events) as e from fct_daily
-- case: casts by function
select toInt32('3') as a, toUInt8(1) as b, toFloat64('1.5') as c, toInt64OrZero('x') as d, toFloat64OrNull('x') as e, toString(1.5) as f, toDecimal32('1.5', 2) as g
-- case: functions in another case where the engine allows it
select LOWER(name) as a, Coalesce(status, 'x') as b, ROUND(1.55, 1) as c, COUNT(*) as n from dim_experiments group by name, status
-- case: arrays of literals
select [3, 1, 2] as a, arraySort([3, 1, 2]) as b, has([1, 2], 2) as c, indexOf([1, 2], 2) as d, arrayDistinct([1, 1]) as e, length([1, 2]) as f, [1, 2][1] as g, arrayReverse([1, 2]) as h
-- case: maps of literals
select map('a', 1, 'b', 2) as m, mapKeys(map('a', 1)) as k, map('a', 1)['a'] as v
-- case: tuples of literals
select tuple(1, 'a') as a, (1, 'a') as b, tupleElement((1, 'a'), 2) as c
-- case: a tuple distinct
select count(distinct (experiment_id, n_events)) as n from fct_daily
-- case: json read by function
select JSONExtractString('{"a": {"b": "c"}}', 'a', 'b') as a, JSONExtractInt('{"a": 1}', 'a') as b, JSONHas('{"a": 1}', 'b') as c, JSONLength('[1, 2]') as d, JSONExtractString('["x"]', 1) as e
-- case: a key of json with a point
select JSONExtractString('{"a.b": "c"}', 'a.b') as x
-- case: hashes
select cityHash64(name) as a, sipHash64(name) as b, hex(MD5(name)) as c, lower(hex(SHA256(name))) as d from dim_experiments
-- case: numbers made readable
select formatReadableSize(1048576) as a, formatReadableQuantity(12345) as b
-- case: bits
select bitAnd(n_events, 3) as a, bitOr(n_events, 1) as b, bitXor(n_events, 1) as c, bitCount(n_events) as d from fct_daily
-- case: aggregates of every day
select count() as a, sum(n_events) as b, avg(n_events) as c, min(n_events) as d, max(n_events) as e, any(experiment_id) != '' as f, median(n_events) as g from fct_daily
-- case: aggregates with -If
select countIf(n_events > 3) as a, sumIf(n_events, n_events > 3) as b, avgIf(n_events, n_events > 3) as c, minIf(n_events, n_events > 3) as d, maxIf(n_events, n_events > 3) as e, uniqExactIf(experiment_id, n_events > 3) as f, anyIf(experiment_id, n_events > 3) != '' as g from fct_daily
-- case: aggregates with -OrNull and -OrDefault
select sumOrNull(n_events) as a, avgOrDefault(n_events) as b, maxOrNullIf(n_events, n_events > 1000) as c, minIfOrNull(n_events, n_events > 1000) as d from fct_daily
-- case: aggregates with -Distinct
select sumDistinct(n_events) as a, countDistinct(experiment_id) as b, countDistinctIf(experiment_id, n_events > 3) as c from fct_daily
-- case: distinct inside an aggregate
select count(distinct experiment_id) as a, avg(distinct n_events) as b, uniq(experiment_id) as c, uniqCombined(experiment_id) as d from fct_daily
-- case: quantiles with parameters
select quantile(0.9)(n_events) as a, quantiles(0.5, 0.9)(n_events) as b, quantileExact(0.5)(n_events) as c, quantileTDigest(0.5)(n_events) as d, quantileIf(0.5)(n_events, n_events > 3) as e, quantileExactIf(0.25)(n_events, n_events > 3) as f from fct_daily
-- case: best by another column
select argMax(date_day, n_events) as a, argMin(date_day, n_events) as b, argMaxIf(date_day, n_events, n_events < 10) as c from fct_daily where experiment_id = 'e_one'
-- case: groups as arrays
select arraySort(groupArray(name)) as a, arraySort(groupUniqArray(status)) as b, groupArray(2)(1) as c, length(groupArrayIf(name, status = 'ended')) as d from dim_experiments
-- case: the most frequent
select topK(1)(status) as t, anyHeavy(status) as h from dim_experiments
-- case: moments
select varSamp(n_events) as a, varPop(n_events) as b, stddevSamp(n_events) as c, stddevPop(n_events) as d, covarSamp(n_events, exposure_rate) as e, corr(n_events, exposure_rate) as f, skewPop(n_events) as g, kurtSamp(n_events) as h from fct_daily
-- case: a weighted average
select avgWeighted(exposure_rate, n_events) as w from fct_daily
-- case: a test of two samples
select welchTTest(n_events, toUInt8(n_events > 6)) as t from fct_daily
-- case: an aggregate under filter
select sum(n_events) filter (where n_events > 3) as s, count(*) filter (where n_events > 3) as n from fct_daily
-- case: a regression
select simpleLinearRegression(n_events, exposure_rate) as r from fct_daily
-- case: a function in back quotes
select `sum`(n_events) as s from fct_daily
-- case: columns and a condition
select experiment_id, status from dim_experiments where status = 'running'
-- case: aggregates with a combinator
select experiment_id, sum(n_events) as n, countIf(n_events > 3) as big, uniqExact(date_day) as days from fct_daily group by experiment_id
-- case: dates
select toStartOfWeek(date_day) as w, sum(n_events) as n from fct_daily group by w order by w
-- case: multiIf and casts
select multiIf(status = 'running', 1, status = 'ended', 2, 0) as s, toString(started_at) as t, toInt64(1) as i from dim_experiments
-- case: text functions
select upper(name) as u, concat(name, '-', status) as c, replaceAll(name, 'O', '0') as r, match(name, 'n') as m, splitByChar('_', experiment_id) as s from dim_experiments
-- case: union all
select name from dim_experiments union all select label from dim_metrics
-- case: quantile with a parameter
select quantile(0.9)(n_events) as p from fct_daily
-- case: escaped quote
select name from dim_experiments where name = 'it\'s'
-- case: row filter
-- role: partner
select name from dim_experiments
-- case: distinct ordered
select distinct status from dim_experiments order by status desc
-- case: count of nothing named
select count() as n from dim_experiments
-- case: distinct counts and any
select uniq(status) as u, uniqExact(status) as e, any(name) as a from dim_experiments
-- case: having with count
select experiment_id, avg(n_events) as a, min(n_events) as b, max(n_events) as c from fct_daily group by experiment_id having count() > 1
-- case: combinators with a condition
select experiment_id, sumIf(n_events, n_events > 3) as s, avgIf(n_events, n_events > 3) as a from fct_daily group by experiment_id
-- case: quantiles with parameters, again
select quantile(0.5)(n_events) as m, quantileExact(0.9)(n_events) as p from fct_daily
-- case: median and moments
select median(n_events) as m, stddevPop(n_events) as s, varSamp(n_events) as v from fct_daily
-- case: best and worst day
select argMax(date_day, n_events) as best, argMin(date_day, n_events) as worst from fct_daily
-- case: groups as arrays, again
select groupArray(name) as names, groupUniqArray(status) as states from dim_experiments
-- case: most frequent
select topK(2)(status) as t from dim_experiments
-- case: correlation
select corr(n_events, exposure_rate) as r from fct_daily
-- case: if
select if(status = 'running', 1, 0) as live from dim_experiments
-- case: case
select case when status = 'running' then 'live' else 'done' end as s from dim_experiments
-- case: null handling
select coalesce(status, 'none') as a, ifNull(name, '-') as b, nullIf(status, 'ended') as c from dim_experiments
-- case: date parts by function
select toDate(started_at) as d, toStartOfMonth(started_at) as m, toYear(started_at) as y, toDayOfWeek(started_at) as w from dim_experiments
-- case: difference of dates
select dateDiff('day', started_at, toDateTime('2026-06-01 00:00:00')) as d from dim_experiments
-- case: intervals and date functions
select started_at + interval 1 day as a, addDays(started_at, 3) as b, subtractMonths(started_at, 1) as c from dim_experiments
-- case: dates as text, again
select formatDateTime(started_at, '%Y-%m') as t from dim_experiments
-- case: today minus a day
select date_day, today() - date_day as age from fct_daily where date_day <= today()
-- case: casts by name and by function
select cast(n_events as Float64) as f, toFloat64(n_events) as g, toInt32('3') as i from fct_daily
-- case: division in four forms
select n_events / 2 as h, intDiv(n_events, 2) as i, n_events % 2 as m, modulo(n_events, 2) as n from fct_daily
-- case: rounding
select round(exposure_rate, 2) as r, floor(exposure_rate) as f, ceil(exposure_rate) as c, abs(-1) as a, sqrt(4) as s from fct_daily
-- case: logarithms and powers, again
select log10(n_events + 1) as a, ln(n_events + 1) as b, exp(1) as e, pow(2, 3) as p from fct_daily
-- case: logarithm to two
select log2(8) as l
-- case: greatest and least
select greatest(n_events, 1) as g, least(n_events, 1) as l from fct_daily
-- case: text by function
select lower(name) as l, length(name) as n, substring(name, 1, 2) as s, reverse(name) as r, trim(name) as t from dim_experiments
-- case: text starts and ends
select startsWith(name, 'O') as a, endsWith(name, 'e') as b, position(name, 'n') as p from dim_experiments
-- case: like and ilike
select name from dim_experiments where name like 'O%' or name ilike 't%' or name not like '%z%'
-- case: texts split and joined
select splitByString('_', experiment_id) as s, arrayStringConcat(splitByChar('_', experiment_id), '-') as t from dim_experiments
-- case: arrays
select [1, 2, 3] as l, has([1, 2], 1) as h, length([1, 2]) as n, arraySort([2, 1]) as s, arrayDistinct([1, 1]) as d, indexOf([1, 2], 2) as i
-- case: tuples
select tuple(1, 'a') as t, (1, 'a') as u
-- case: json by function
select JSONExtractString('{"a": "b"}', 'a') as v, JSONExtractInt('{"a": 1}', 'a') as i
-- case: derived table
select name from (select name, status from dim_experiments) as t where t.status = 'ended'
-- case: scalar subquery
select (select max(n_events) from fct_daily) as m
-- case: union distinct
select name from dim_experiments union distinct select label from dim_metrics
-- case: except
select name from dim_experiments except select label from dim_metrics
-- case: fetch first
select name from dim_experiments order by name fetch first 2 rows only
-- case: alias in back quotes
select name as `the name` from dim_experiments
-- case: quoted column
select "name" from dim_experiments
-- case: literals
select 1 as one, 'a' as b, null as c, true as d, 1.5e3 as e
-- case: ternary
select n_events, n_events = 1 ? 'one' : 'many' as q from fct_daily
-- case: group by an alias
select multiIf(n_events > 3, 'big', 'small') as size, count() as n from fct_daily group by size
-- case: start of an interval
select toStartOfInterval(started_at, interval 1 week) as w from dim_experiments
-- case: month truncated
select date_trunc('month', started_at) as m from dim_experiments
-- case: case forms
select case status when 'running' then 1 else 0 end as a, case when status = 'ended' then 'e' when name is null then 'n' end as b from dim_experiments
-- case: date arithmetic
select started_at + interval 3 day as a, started_at - interval '1 week' as b, started_at + interval '2' month as c, date_diff('day', started_at, timestamp '2026-06-01') as d, datediff('hour', started_at, timestamp '2026-06-01') as e from dim_experiments
-- case: null handling, again
select coalesce(status, 'none'), nullif(status, 'ended'), ifnull(name, '-'), if(status = 'ended', 1, 0) from dim_experiments
-- case: boolean tests
select name, status = 'running' and name <> 'x' as live, not (status = 'ended') as open, true as yes from dim_experiments
-- case: lateral alias
select n_events * 2 as doubled, doubled + 1 as more from fct_daily
-- case: alias in where
select upper(name) as shout from dim_experiments where shout = 'ONE'
-- case: numbers of every plain form
select 1, 1.5, .5, 1e3, 1.5e-3, 100000000000, -2
-- case: date and timestamp literals
select date '2026-01-01' as d, timestamp '2026-01-01 00:00:00' as t, interval '90' minute as i
-- case: concat operator chain
select experiment_id || ':' || status || ':' || name as k from dim_experiments
-- case: string then cast
select '2026-01-01'::date as t, cast(date '2026-01-01' as timestamp) as u
-- case: nested case in arithmetic
select sum(case when status = 'ended' then 1 else 0 end) * 1.0 / count(*) as share from dim_experiments
-- case: concat_ws and greatest over text
select concat_ws('/', experiment_id, status) as p, greatest(name, status) as g from dim_experiments
-- case: rounding, again
select round(1.25, 1), round(1.5), trunc(1.5), trunc(1.25, 1), ceil(1.2), ceiling(1.2), floor(1.2), sign(-1), abs(-1)
-- case: substrings in every form
select substr('abc', 2), substring('abc', 2, 1), substring('abc' from 2), substring('abc' from 2 for 1)
-- case: replace, translate, concat with nulls
select replace('abc', 'b', 'x'), translate('abc', 'b', 'x'), concat('a', null, 'b'), concat_ws('-', 'a', null, 'b'), 'a' || null
-- case: parts of a date by extract, again
select extract(dow from date '2026-01-01'), extract(week from date '2026-01-01'), extract(doy from date '2026-01-01'), extract(hour from timestamp '2026-01-01 01:00:00'), extract(isoyear from date '2026-01-01')
-- case: a date literal truncated
select date_trunc('week', date '2026-01-07') as w, date_trunc('month', date_day::date) as m, date_trunc('quarter', timestamp '2026-01-01 00:00:00') as q from fct_daily
-- case: dates plus and minus
select date '2026-01-01' + 1, date '2026-01-01' - date '2025-01-01', date '2026-01-01' + interval 1 month, timestamp '2026-01-01 00:00:00' - interval '90 minutes', interval '1 month' + date '2026-01-01'
-- case: intervals in every form
select interval '1 day', interval 1 day, interval '1' day, interval 1 days, interval (1 + 1) day, interval 1 hour + interval 2 minute, -interval 1 day, interval '-3' day, interval '1' year
-- case: null handling in every form
select coalesce(null, 1), ifnull(null, 1), nullif(1, 1), if(true, 1, 2), case when true then 1 end, case 1 when 1 then 2 else 3 end, greatest(1, null), least(null, 2)
-- case: a list of columns
select [name, status] as both, [name, status][1] as first_of from dim_experiments
