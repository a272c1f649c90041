-- The scorecard of one experiment: from raw events to sufficient statistics, as of a moment. `gateway results` runs it.
-- Rows of part 'units': one per arm and status, how many units were assigned; the population is the counted ones.
-- Rows of part 'metrics': one per arm, over its units that did something; the others are 0 in every metric and add to n
-- alone. Columns m0_sum, m0_sum_squares, … follow the order of the metrics; m2 is the sum of squares about the mean.
-- Events are read where they are needed and never joined to themselves: ids that came twice are found by a short hash,
-- of which few others have the same. Where rows have numbers, those of such rows are kept, or else the hashes.
-- The definitions are those of stg_conversion_events, int_experiment_exposure_validation, fct_experiment_cohort and
-- int_experiment_metric_unit_values: what this gives is what the marts give, and docs/scorecard.md says how far.
{%- macro number(sql) %}cast({{ sql }} as double){% endmacro %}
{%- macro total(term) %}{{ "amount_" ~ term.stream if term.is_summed else number("events_" ~ term.stream) }}{% endmacro %}
{%- macro unit_value(metric) %}
    {%- set events = "events_" ~ metric.numerator.stream %}
    {%- if metric.aggregation == "occurrence" %}case when {{ events }} > 0 then {{ number("1") }} else {{ number("0") }} end
    {%- elif metric.aggregation == "mean" %}
        {{- capped("case when " ~ events ~ " > 0 then " ~ total(metric.numerator) ~ " / " ~ events ~ " else 0.0 end", metric) }}
    {%- else %}{{ capped(total(metric.numerator), metric) }}
    {%- endif %}
{%- endmacro %}
{%- macro capped(sql, metric) %}{{ "least(" ~ sql ~ ", " ~ metric.cap ~ ")" if metric.cap else sql }}{% endmacro %}
{%- macro no_sums() %}
    {%- for metric in metrics %}
    {%- for column in metric.columns %},
        cast(null as double) as m{{ metric.position }}_{{ column }}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}
{%- set short_id = "cast(hash(event_id) >> 32 as uinteger)" %}
{%- set has_time = "unit_id <> '' and event_ts is not null" %}
{%- if rows_have_numbers %}
    {%- set is_repeated = "rowid in (select row_number from repeated)" %}
    {%- set is_alone = "rowid not in (select row_number from repeated)" %}
{%- else %}
    {%- set is_repeated = short_id ~ " in (select short_id from repeated)" %}
    {%- set is_alone = "event_id <> '' and " ~ short_id ~ " not in (select short_id from repeated)" %}
{%- endif %}
{%- set is_named = "event_name in (" ~ event_names | join(", ") ~ ")" %}
{%- if rows_have_numbers %}
with ids as (
    -- An event without an id is none: its row is set apart with the repeated ones, and left out there.
    select rowid as row_number, case when event_id <> '' then {{ short_id }} end as short_id
    from {{ source('warehouse', 'fct_events') }}
),
neighbours as (
    select
        row_number,
        short_id,
        lag(row_number) over (order by short_id) as previous_row_number,
        lag(short_id) over (order by short_id) as previous_short_id
    from ids
),
found as materialized (
    select row_number, previous_row_number
    from neighbours
    where short_id = previous_short_id or short_id is null
),
repeated as materialized (
    select row_number from found
    union
    select previous_row_number from found where previous_row_number is not null
),
{%- else %}
with repeated as materialized (
    select {{ short_id }} as short_id
    from {{ source('warehouse', 'fct_events') }}
    group by {{ short_id }}
    having count(*) > 1
),
{%- endif %}
copies as materialized (
    select
        event_ts,
        unit_id,
        event_name,
        experiment_id,
        coalesce(variation_id, '') as variation_id,
        value,
        row_number() over (
            partition by event_id, event_name = 'exposure'
            order by
                event_ts,
                unit_id,
                case when event_name = 'exposure' then coalesce(variation_id, '') else trim(value) end
        ) as copy_rank
    from {{ source('warehouse', 'fct_events') }}
    where event_id <> '' and {{ has_time }} and {{ is_repeated }}
),
exposures as (
    select unit_id, event_ts, coalesce(variation_id, '') as variation_id
    from {{ source('warehouse', 'fct_events') }}
    where event_name = 'exposure'
        and experiment_id = {{ experiment_id }}
        and {{ has_time }}
        and {{ is_alone }}
    union all
    select unit_id, event_ts, variation_id
    from copies
    where event_name = 'exposure' and experiment_id = {{ experiment_id }} and copy_rank = 1
),
sightings as (
    -- What is known of each unit, one fact a row: an assignment, or an exposure.
{%- if assigned_by == "exposures" %}
    select
        unit_id,
        event_ts as assigned_at,
        variation_id as assigned_variation_id,
        event_ts as exposed_at,
        variation_id as exposed_variation_id
    from exposures
{%- else %}
    select
        unit_id,
        assigned_at,
        coalesce(variation_id, '') as assigned_variation_id,
        cast(null as timestamp) as exposed_at,
        cast(null as varchar) as exposed_variation_id
    from {{ source('warehouse', 'fct_experiment_assignments') }}
    where experiment_id = {{ experiment_id }} and unit_id <> ''
    union all
    select
        unit_id,
        cast(null as timestamp) as assigned_at,
        cast(null as varchar) as assigned_variation_id,
        event_ts as exposed_at,
        variation_id as exposed_variation_id
    from exposures
{%- endif %}
),
seen_units as (
    select
        unit_id,
        min(assigned_at) as assigned_at,
        min(assigned_variation_id) as variation_id,
        max(assigned_variation_id) as highest_variation_id,
        min(exposed_at) as exposed_at,
        min(exposed_variation_id) as exposed_variation_id,
        max(exposed_variation_id) as highest_exposed_variation_id
    from sightings
    {%- if known_before %}
    where coalesce(exposed_at, assigned_at) < {{ known_before }}
    {%- endif %}
    group by unit_id
),
judged_units as (
    select
        unit_id,
        variation_id,
        -- Its place among the experiment's arms: cheaper to carry than a text, and null for a variation that is none.
        case variation_id{% for name in arms %} when {{ name }} then {{ loop.index0 }}{% endfor %} end as arm,
        {{ "assigned_at" if population == "itt" else "exposed_at" }} as entered_at,
        case
            when variation_id <> highest_variation_id or exposed_variation_id <> highest_exposed_variation_id
                then 'quarantined'
            when exposed_at is null then 'no_exposure'
            when exposed_at < assigned_at then 'pre_assignment_exposure'
            when exposed_variation_id <> variation_id then 'variant_mismatch'
            when exposed_at < {{ started_at }} or exposed_at >= {{ window_end }} then 'exposure_outside_window'
            else 'valid'
        end as status
    from seen_units
    where variation_id is not null
),
units as materialized (
    select
        -- A number for each unit that also says its arm.
        row_number() over () * {{ arms | length }} + coalesce(arm, 0) as unit_key,
        unit_id,
        variation_id,
        status,
        {{ "status <> 'quarantined'" if population == "itt" else "status = 'valid'" }} and arm is not null as is_counted,
        arm,
        entered_at
        {%- for seconds in windows %},
        {{ "entered_at + interval '" ~ seconds ~ "' second" if seconds else window_end }} as closes_{{ loop.index0 }}
        {%- endfor %}
    from judged_units
),
events as (
    -- An event of no unit, or of no time, finds none below.
    select unit_id, event_ts, event_name, value, 1 as copy_rank
    from {{ source('warehouse', 'fct_events') }}
    where {{ is_named }}
        and event_ts < {{ as_of }}
        {%- if population == "exposed" %}
        and event_ts >= {{ started_at }}
        {%- endif %}
        and {{ is_alone }}
    union all
    select unit_id, event_ts, event_name, value, copy_rank
    from copies
    where {{ is_named }} and event_ts < {{ as_of }}
),
attributed as (
    select
        units.unit_key,
        events.event_name,
        events.event_ts,
        trim(events.value) as value_text,
        events.copy_rank
        {%- for _ in windows %},
        units.closes_{{ loop.index0 }}
        {%- endfor %}
    from events
    inner join units on events.unit_id = units.unit_id
    where units.is_counted
        and events.event_ts >= units.entered_at
        and (
            {%- for _ in windows %}{{ " or " if not loop.first }}events.event_ts < units.closes_{{ loop.index0 }}{% endfor %})
),
parsed as (
    select
        *,
        case
            when regexp_matches(value_text, '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$')
                then try_cast(value_text as double)
        end as number
    from attributed
),
finite as (
    select *, case when abs(number) <= 1.7976931348623157e308 then number end as amount
    from parsed
),
judged as (
    -- An event that some metric sums needs a number. One that is only counted may have no value, but no broken one.
    select
        *,
        amount is not null
            or ({{ "event_name not in (" ~ valued_names | join(", ") ~ ") and " if valued_names }}coalesce(value_text, '') = '')
            as is_sound
    from finite
),
told as (
    -- What metrics may read: a sound event's name, at its first delivery.
    select *, case when is_sound and copy_rank = 1 then event_name end as told_event
    from judged
),
unit_streams as {{ "materialized " if part == "timeseries" }}(
    -- What each metric reads: an event in a window, counted and summed for every unit.
    select
        unit_key,
        unit_key % {{ arms | length }} as arm,
        {%- for stream in streams %}
        {%- set condition = "told_event = " ~ stream.event ~ (" and event_ts < closes_" ~ stream.window if windows | length > 1 else "") %}
        {%- if stream.is_counted %}
        count(case when {{ condition }} then 1 end) as events_{{ loop.index0 }},
        {%- endif %}
        {%- if stream.is_summed %}
        sum(case when {{ condition }} then amount else 0.0 end) as amount_{{ loop.index0 }},
        {%- endif %}
        {%- if part == "timeseries" %}
        min(case when {{ condition }} then event_ts end) as first_at_{{ loop.index0 }},
        {%- endif %}
        {%- endfor %}
        count(case when not is_sound and copy_rank = 1 then 1 end) as dropped,
        count(case when copy_rank > 1 then 1 end) as copies
    from told
    group by unit_key
),
unit_values as {{ "materialized " if part == "caps" }}(
    select
        arm,
        dropped,
        copies
        {%- for metric in metrics %},
        {{ unit_value(metric) }} as value_{{ loop.index0 }}
        {%- if metric.denominator %},
        {{ total(metric.denominator) }} as denominator_{{ loop.index0 }}
        {%- endif %}
        {%- endfor %}
    from unit_streams
),
{%- if part == "caps" %}
amounts as (
    {%- for metric in metrics %}{{ "union all" if not loop.first }}
    select {{ loop.index0 }} as metric, value_{{ loop.index0 }} as amount, {{ number("count(*)") }} as n
    from unit_values
    group by value_{{ loop.index0 }}
    union all
    select
        {{ loop.index0 }} as metric,
        {{ number("0") }} as amount,
        (select {{ number("count(*)") }} from units where is_counted)
            - (select {{ number("count(*)") }} from unit_values) as n
    {%- endfor %}
),
ranked as (
    select
        metric,
        amount,
        sum(n) over (partition by metric order by amount rows between unbounded preceding and current row) as n_up_to,
        sum(n) over (partition by metric) as n_units
    from amounts
),
asked as (
    {%- for metric in metrics %}{{ "union all" if not loop.first }}
    select {{ loop.index0 }} as metric, {{ metric.quantile }} as quantile
    {%- endfor %}
),
result as (
    -- The smallest value that so many of all units reach, silent ones included.
    select ranked.metric, min(ranked.amount) as cap
    from ranked
    inner join asked on ranked.metric = asked.metric
    where ranked.n_up_to >= asked.quantile * ranked.n_units - 0.000001
    group by ranked.metric
)
{%- elif part == "timeseries" %}
result as (
    select -1 as metric, arm, date_trunc('{{ granularity }}', entered_at) as bucket, count(*) as n
    from units
    where is_counted
    group by arm, date_trunc('{{ granularity }}', entered_at)
    {%- for metric in metrics if metric.aggregation == "occurrence" %}
    {%- set first_at = "first_at_" ~ metric.numerator.stream %}
    union all
    select {{ metric.position }} as metric, arm, date_trunc('{{ granularity }}', {{ first_at }}) as bucket, count(*) as n
    from unit_streams
    where {{ first_at }} is not null
    group by arm, date_trunc('{{ granularity }}', {{ first_at }})
    {%- endfor %}
)
{%- else %}
result as (
    select
        'units' as part,
        variation_id,
        status,
        cast(null as double) as arm,
        {{ number("count(*)") }} as n,
        {{ number("sum(case when is_counted then 1 else 0 end)") }} as n_counted
        {%- for seconds in windows %},
        {{ number("sum(case when is_counted and closes_" ~ loop.index0 ~ " <= " ~ as_of ~ " then 1 else 0 end)") }} as n_closed_{{ loop.index0 }}
        {%- endfor %},
        cast(null as double) as dropped,
        cast(null as double) as copies
        {{- no_sums() }}
    from units
    group by variation_id, status
    union all
    select
        'metrics' as part,
        '' as variation_id,
        '' as status,
        {{ number("arm") }} as arm,
        {{ number("count(*)") }} as n,
        cast(null as double) as n_counted
        {%- for _ in windows %},
        cast(null as double) as n_closed_{{ loop.index0 }}
        {%- endfor %},
        {{ number("sum(dropped)") }} as dropped,
        {{ number("sum(copies)") }} as copies
        {%- for metric in metrics %}
        {%- set i = metric.position %}
        {%- set value = "value_" ~ i %}
        {%- set below = "denominator_" ~ i %},
        sum({{ value }}) as m{{ i }}_sum,
        sum({{ value }} * {{ value }}) as m{{ i }}_sum_squares,
        var_pop({{ value }}) * count(*) as m{{ i }}_m2
        {%- if metric.denominator %},
        sum({{ below }}) as m{{ i }}_denominator_sum,
        sum({{ below }} * {{ below }}) as m{{ i }}_denominator_sum_squares,
        var_pop({{ below }}) * count(*) as m{{ i }}_denominator_m2,
        covar_pop({{ value }}, {{ below }}) * count(*) as m{{ i }}_cross_m2
        {%- endif %}
        {%- endfor %}
    from unit_values
    group by arm
)
{%- endif %}
select * from result
