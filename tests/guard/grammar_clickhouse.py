"""Honest statements in ClickHouse's dialect: the common grammar as one writes it there, and its own constructs."""

import re

from hypothesis import strategies as st

from tests.guard.grammar import honest, joined

_LITERAL_CAST = re.compile(r"\(-?[\d.]+\)::")
_ELSEWHERE = re.compile(r"\[1:3\]|\bformat\(|\blist_|\bglob\b|\bunnest\(| & 5 \| 1|\blateral\b")
"""What is DuckDB's own in the common grammar."""
_QUOTED = re.compile(r'"([A-Z_]+)"')


def _there(sql: str) -> str:
    """Names in the case they have, and a word behind UNION."""
    return _QUOTED.sub(lambda name: name[1].lower(), sql).replace(" union select", " union distinct select")


_CONDITIONS = [
    "n_events > 3",
    "date_day >= '2026-02-03'",
    "experiment_id like 'e%'",
    "exposure_rate between 0.1 and 0.2",
]
_KEYS = ["experiment_id", "toStartOfWeek(date_day)", "n_events % 2", "if(n_events > 4, 'many', 'few')", "date_day"]
_FOLDS = [
    "count()",
    "sum(n_events)",
    "sumIf(n_events, {c})",
    "countIf({c})",
    "uniqExact(date_day)",
    "quantileExact(0.5)(n_events)",
    "maxOrNullIf(n_events, {c})",
    "argMin(n_events, (date_day, experiment_id))",
    "arraySort(groupUniqArray(n_events))",
]


@st.composite
def own(draw: st.DrawFn) -> str:
    """PREWHERE, WITH expressions, combinators, LIMIT BY, ROLLUP, ternaries and windows over one asset."""
    condition, other = draw(st.sampled_from(_CONDITIONS)), draw(st.sampled_from(_CONDITIONS))
    key, fold = draw(st.sampled_from(_KEYS)), draw(st.sampled_from(_FOLDS)).format(c=condition)
    early = draw(st.sampled_from(["", f" prewhere {other}", f" where {other}", f" prewhere {other} where {condition}"]))
    limit = draw(st.integers(0, 6))
    daily = f"from fct_daily{early}"
    grouped = f"select {key} as k, {fold} as v from fct_daily"
    late = early.replace("prewhere", "where") if "prewhere" not in early else ""
    return draw(
        st.sampled_from(
            [
                f"{grouped}{early} group by k",
                f"{grouped}{early} group by k with rollup",
                f"with {limit} as low, {key} as k select k, {fold} as v {daily} group by k having v != low",
                (
                    f"with (select max(n_events) from fct_daily) as top "
                    f"select n_events = top ? 'top' : toString({key}) as k {daily}"
                ),
                (
                    f"select experiment_id, date_day, n_events from fct_daily{early} order by date_day, experiment_id "
                    f"limit {limit} by experiment_id"
                ),
                f"select * from ({grouped} group by k) as t where k global in (select {key} as k {daily})",
                (
                    "select date_day, sum(n_events) over (partition by experiment_id order by date_day) as s "
                    f"{daily} order by experiment_id, date_day"
                ),
                (
                    f"select d.name, {fold} as v from dim_experiments as d left join fct_daily using (experiment_id)"
                    f"{late} group by d.name"
                ),
            ]
        )
    )


def _plain(sql: str) -> bool:
    """Nothing of DuckDB's own, no literal before `::`, and no count over rows that only a pin tells apart."""
    counted = "count(*) as a, 1 as b from (select r.analysis_population" in sql
    return not (counted or _ELSEWHERE.search(sql) or _LITERAL_CAST.search(sql))


def clickhouse() -> st.SearchStrategy[str]:
    """Any honest statement of this dialect; a LATERAL is none."""
    common = st.one_of(honest(), joined()).filter(_plain).map(_there)
    return st.one_of(common, own())
