"""What to write instead of what is refused most: other dialects' functions, and statements that are no query."""

from typing import Final

_TODAY: Final = "write current_date: of the clock, only today's date is in reach"
_SAMPLE: Final = "for a sample that can be repeated, filter by hash(column) % 100 = 0"
_UNNEST: Final = "unnest the list in FROM and fold its rows: FROM …, unnest(list) AS u(x)"
_SERIES: Final = "write FROM generate_series(date '2026-02-01', date '2026-02-28', interval 1 day) AS t(day)"

_INSTEAD: Final = {
    "now get_current_timestamp current_timestamp localtimestamp transaction_timestamp current_time getdate sysdate"
    " curdate current_datetime systimestamp unix_timestamp": _TODAY,
    "rand random newid uuid gen_random_uuid setseed": _SAMPLE,
    "list_sum list_avg list_aggregate list_aggr array_aggregate array_sum array_avg list_reduce reduce": _UNNEST,
    "generate_date_array generate_array sequence date_range": _SERIES,
    "iff": "write if(condition, a, b)",
    "decode switch": "write CASE WHEN … THEN … END",
    "isnull zeroifnull": "write coalesce(x, 0)",
    "nullifzero": "write nullif(x, 0)",
    "safe_divide": "write a / nullif(b, 0)",
    "div": "write a // b",
    "width_bucket": "write floor(x / 10) * 10",
    "bar repeat": "write lpad('', 10, 'x')",
    "to_char date_format format_date dateformat format_datetime": "write strftime(x, '%Y-%m-%d')",
    "to_date str_to_date parse_date to_timestamp_ntz": "write CAST(x AS date)",
    "dateadd timestampadd timestamp_add adddate": "write x + interval '7' day",
    "timestampdiff timestamp_diff months_between": "write date_diff('day', a, b)",
    "convert to_number safe_cast": "write try_cast(x AS double)",
    "percentile percentile_approx quantile_exact approx_percentile": "write quantile_cont(x, 0.5)",
    "stdev std": "write stddev(x)",
    "ratio_to_report": "write x / sum(x) OVER ()",
    "charindex locate": "write strpos(text, part)",
    "regexp_like rlike regexp_contains": "write regexp_matches(x, pattern)",
    "regexp_substr": "write regexp_extract(x, pattern)",
    "array_join": "write array_to_string(list, ', ')",
    "size cardinality": "write len(list)",
    "explode": _UNNEST,
    "to_json row_to_json json_object json_build_object": "select the columns themselves, or a struct: {'a': x}",
    "map map_from_entries": "write a struct with plain names: {'a': x}",
}
FUNCTIONS: Final = {name: hint for names, hint in _INSTEAD.items() for name in names.split()}
"""By name, as sqlglot or the author writes it. Tests keep these apart from what is allowed."""

_NO_LAMBDA: Final = (
    "what a lambda does to each element isn't looked into: use has(list, x), or a mart with a row for each"
)
_IN_CLICKHOUSE: Final = {
    "arraymap arrayfilter arrayexists arrayall arrayfirst arraylast arraysum arrayavg"
    " arraycumsum arrayfold mapapply mapfilter": _NO_LAMBDA,
    "sumMap minMap maxMap": "unfold the map into rows first, in a mart",
    "now now64 nowinblock": "write today(): of the clock, only today's date is in reach",
    "rand rand32 rand64 randconstant generateuuidv4 randuniform": _SAMPLE.replace("hash(", "cityHash64("),
    "dictget dictgetordefault dicthas joinget": "read an asset of the contract, joined on its key",
    "repeat space": "write leftPad('', 10, 'x')",
    "runningdifference neighbor runningaccumulate": "write lagInFrame(x) OVER (ORDER BY …)",
    "stddev stddev_samp variance var_samp": "write stddevSamp(x) or varSamp(x)",
    "strftime": "write formatDateTime(x, '%Y-%m-%d')",
    "list_contains array_contains": "write has(list, x)",
    "strpos charindex": "write position(text, part)",
    "date_part": "write EXTRACT(year FROM x), or toYear(x)",
    "quantile_cont percentile_cont": "write quantileExactInclusive(0.5)(x)",
    "quantile_disc percentile_disc approx_quantile": "write quantileExact(0.5)(x)",
    "count_if": "write countIf(condition)",
    "string_agg group_concat listagg": "write arrayStringConcat(groupArray(x), ', ')",
    "arg_max": "write argMax(x, y)",
    "arg_min": "write argMin(x, y)",
}
FUNCTIONS_CLICKHOUSE: Final = {name.lower(): hint for names, hint in _IN_CLICKHOUSE.items() for name in names.split()}
"""The same for ClickHouse's dialect, where DuckDB's names are what people try."""

_ONLY_READS: Final = "the gateway only reads; write one SELECT"
STATEMENTS: Final = {
    "pivot": "write one column each: SELECT a, count(*) FILTER (WHERE b = 'x') AS x FROM t GROUP BY a",
    "pivot_wider": "write one column each: SELECT a, count(*) FILTER (WHERE b = 'x') AS x FROM t GROUP BY a",
    "unpivot": "write one SELECT for each column, and UNION ALL between them",
    "summarize": "write SELECT count(x), min(x), median(x), max(x) FROM t for the columns that matter",
    "describe": "write SELECT * FROM t LIMIT 1 to see its columns",
    "desc": "write SELECT * FROM t LIMIT 1 to see its columns",
    "show": "no query lists what there is: the tool describe_marts and `gateway semantic show` do",
    "explain": "send the SELECT itself: run_sql's explain and `gateway sql --explain` show what would run",
    "create": "name the step inside the query: WITH t AS (SELECT …) SELECT … FROM t",
    "values": "write SELECT * FROM (VALUES …) AS v(a, b)",
    "prepare": "write the values themselves into one SELECT",
    "execute": "write the values themselves into one SELECT",
    "set": "settings cannot be changed; write one SELECT",
    "table": "write SELECT * FROM t",
    "call": "call no procedure; write one SELECT",
} | dict.fromkeys(("insert", "update", "delete", "merge", "drop", "alter", "truncate", "copy", "attach"), _ONLY_READS)
"""By first word."""
