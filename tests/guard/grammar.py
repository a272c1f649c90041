"""Statements from a grammar over the tests' contract: each is honest, so each must be approved, and change nothing."""

from hypothesis import strategies as st

_TEXT = {
    "dim_experiments": ["experiment_id", "name", "status"],
    "dim_metrics": ["metric_id", "label", "desired"],
    "fct_daily": ["experiment_id"],
}
_NUMBER = {"dim_experiments": ["1"], "dim_metrics": ["2"], "fct_daily": ["n_events", "exposure_rate"]}
_LITERAL = st.sampled_from(["'e_one'", "'running'", "'it''s'", "'%n%'", "''", "'\"; --'", "'CANARY'"])


@st.composite
def _text(draw: st.DrawFn, table: str, depth: int = 2) -> str:
    column = draw(st.sampled_from(_TEXT[table]))
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from([column, f'"{column.upper()}"', f"t.{column}"]))
    inner = draw(_text(table, depth - 1))
    other = draw(st.one_of(_LITERAL, _text(table, depth - 1)))
    return draw(
        st.sampled_from(
            [
                f"upper({inner})",
                f"lower({inner})",
                f"({inner} || {other})",
                f"coalesce({inner}, {other})",
                f"trim({inner})",
                f"replace({inner}, 'n', {other})",
                f"nullif({inner}, {other})",
                f"substr({inner}, 1, 3)",
                f"concat({inner}, {other})",
                f"case when {inner} = {other} then {other} else {inner} end",
                f"cast(length({inner}) as varchar)",
                f"({inner})[1:3]",
                f"format('<{{}}>', {inner})",
                f"array_to_string(list_filter(split({inner}, 'n'), lambda part: part <> {other}), ',')",
            ]
        )
    )


@st.composite
def _number(draw: st.DrawFn, table: str, depth: int = 2) -> str:
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from([*_NUMBER[table], "0.5", "3", "length('ab')"]))
    left, right = draw(_number(table, depth - 1)), draw(_number(table, depth - 1))
    return draw(
        st.sampled_from(
            [
                f"({left} + {right})",
                f"({left} - {right})",
                f"{left} * {right}",
                f"abs({left})",
                f"- {left}",
                f"round({left}, 1)",
                f"greatest({left}, {right})",
                f"{left} / nullif({right}, 0)",
                f"length({draw(_text(table, 1))})",
                f"({left})::double",
                f"(length({draw(_text(table, 1))}) & 5 | 1)",
                f"len(list_transform([{left}, {right}], lambda x: x + {left}))",
            ]
        )
    )


@st.composite
def _condition(draw: st.DrawFn, table: str, depth: int = 2) -> str:
    if depth > 0 and draw(st.booleans()):
        left, right = draw(_condition(table, depth - 1)), draw(_condition(table, depth - 1))
        return draw(
            st.sampled_from([f"({left} and {right})", f"({left} or {right})", f"not ({left})", f"{left} and {right}"])
        )
    text, number = draw(_text(table, 1)), draw(_number(table, 1))
    return draw(
        st.sampled_from(
            [
                f"{text} = {draw(_LITERAL)}",
                f"{text} like {draw(_LITERAL)}",
                f"{text} in ({draw(_LITERAL)}, 'x')",
                f"{number} > 1",
                f"{text} is not null",
                f"{number} between 0 and 5",
                f"{text} <> {draw(_LITERAL)}",
                f"{text} not ilike {draw(_LITERAL)}",
                f"{text} glob {draw(_LITERAL)}",
                f"{text} in (select label from dim_metrics)",
                f"exists (select 1 from dim_metrics m where m.label = {text})",
            ]
        )
    )


@st.composite
def honest(draw: st.DrawFn) -> str:
    """A listing, a grouping, a window or a set operation over one relation, plain or wrapped in a CTE or subquery."""
    table = draw(st.sampled_from(sorted(_TEXT)))
    where = f" where {draw(_condition(table))}" if draw(st.booleans()) else ""
    text, number = draw(_text(table)), draw(_number(table))
    measure = "n_events" if table == "fct_daily" else "1"
    query = draw(
        st.sampled_from(
            [
                f"select {text} as a, {number} as b from {table} t{where}",
                f"select distinct {text} as a, 1 as b from {table} as t{where}",
                f"select {text} as a, count(*) as b from {table} t{where} group by 1",
                f"select {text} as a, sum({measure}) as b from {table} t{where} group by all having count(*) > 0",
                f"select {text} as a, max({number}) over (partition by {text}) as b from {table} t{where}",
                f"select u.word as a, {number} as b from {table} t, unnest(split({text}, 'n')) as u(word){where}",
                f"select u.word as a, count(*) as b from {table} t, unnest([{text}, 'x']) as u(word){where} group by 1",
                f"from {table} t select {text} as a, {number} as b{where}",
                f"select {text} as a, 1 as b from {table} t{where} union select 'x', 2",
            ]
        )
    )
    return draw(
        st.sampled_from(
            [
                query,
                f"with q as ({query}) select a, b from q",
                f"select * from ({query}) s",
                f"select s.b, s.a from ({query}) s where s.b is not null",
                f"/* c */ {query} ;",
                f"with q as ({query}), r as (select * from q) select count(*) as n, min(a) as m from r",
            ]
        )
    )


_KEYED = ["{j} fct_daily f on f.experiment_id = d.experiment_id", "{j} fct_daily f using (experiment_id)"]
_PER_ROW = "select {what} from fct_daily f where f.experiment_id = d.experiment_id"


@st.composite
def joined(draw: st.DrawFn) -> str:
    """Joins along declared keys, LATERAL, and pinned assets, over what the roles `analyst` and `partner` both see."""
    join = draw(st.sampled_from(_KEYED)).format(j=draw(st.sampled_from(["join", "left join", "inner join"])))
    where = draw(st.sampled_from(["", " where d.status <> 'x'", f" where d.name <> {draw(_LITERAL)}"]))
    population = draw(st.sampled_from(["itt", "exposed"]))
    pins = f"r.analysis_population = '{population}' and r.dimension = '{draw(st.sampled_from(['all', 'platform']))}'"
    best, total = _PER_ROW.format(what="max(f.n_events) as n"), _PER_ROW.format(what="sum(f.n_events) as n")
    query = draw(
        st.sampled_from(
            [
                f"select d.name as a, f.n_events as b from dim_experiments d {join}{where}",
                f"select d.status as a, sum(f.n_events) as b from dim_experiments d {join}{where} group by d.status",
                f"select d.name as a, l.n as b from dim_experiments d, lateral ({best}) l{where}",
                f"select d.status as a, sum(l.n) as b from dim_experiments d, lateral ({total}) l{where} group by 1",
                f"select d.name as a, ({total}) as b from dim_experiments d{where}",
                f"select r.metric_id as a, r.uplift_abs as b from fct_results r where {pins}",
                (
                    "select d.name as a, r.n_users as b from fct_results r join dim_experiments d "
                    f"using (experiment_id) where {pins}"
                ),
                (
                    "select d.name as a, 1 as b from dim_experiments d where exists (select 1 from fct_results r "
                    f"where r.experiment_id = d.experiment_id and {pins} and r.n_users > 100)"
                ),
                (
                    "select r.analysis_population as a, count(*) as b from fct_results r where r.dimension = 'all' "
                    "group by r.analysis_population"
                ),
            ]
        )
    )
    return draw(
        st.sampled_from(
            [
                query,
                f"with q as ({query}) select b, a from q",
                f"select s.a, count(*) as b from ({query}) s group by s.a",
                f"select * from ({query}) s where s.a is not null",
                f"{query} union all {query}",
            ]
        )
    )
