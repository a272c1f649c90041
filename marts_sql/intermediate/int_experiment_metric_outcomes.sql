-- One row per experiment, metric and analysed unit: its value in each population's window, under its own names.
-- Key: (experiment_id, metric_id, unit_id). A view: the rows are those of int_experiment_metric_unit_values.
with unit_values as (
    select * from {{ ref('int_experiment_metric_unit_values') }}
),
units as (
    select unit_key, experiment_id, unit_id
    from {{ ref('int_experiment_units') }}
),
metrics as (
    select metric_key, metric_id
    from {{ ref('int_experiment_metric_terms') }}
    where term = 'numerator'
),
outcomes as (
    select
        units.experiment_id,
        metrics.metric_id,
        units.unit_id,
        unit_values.value_itt,
        unit_values.denominator_itt,
        unit_values.value_exposed,
        unit_values.denominator_exposed,
        unit_values.covariate,
        unit_values.is_mature_itt,
        unit_values.is_mature_exposed
    from unit_values
    inner join units on unit_values.unit_key = units.unit_key
    inner join metrics on unit_values.metric_key = metrics.metric_key
)
select * from outcomes
