-- case: a filter-only column in a condition
select platform, count() as n from fct_cohort where country = 'CANARY' group by platform
-- case: a filter-only column under -If
select platform, countIf(country = 'x') as n from fct_cohort group by platform
-- case: an aggregate-only column averaged
select platform, avg(spend) as a, count() as n from fct_cohort group by platform
-- case: an aggregate-only column by its spread
select platform, stddevSamp(spend) as s, varPop(spend) as v from fct_cohort group by platform
-- case: an aggregate-only column summed under a filter before
select sum(spend) as s from fct_cohort where platform = 'ios'
-- case: aggregate-only column averaged
select platform, avg(spend) as a from fct_cohort group by platform
-- case: filter-only column in where
select platform, count() as n from fct_cohort where country = 'x' group by platform
-- case: filter-only column in where, again
select platform, count(*) as n from fct_cohort where country = 'CANARY-land-a' group by platform
-- case: filter-only column in an aggregate's filter
select count(*) filter (where country like '%a') as n from fct_cohort
-- case: filter-only column in on
select d.name, c.platform from fct_cohort c join dim_experiments d on d.experiment_id = c.experiment_id and c.country = 'CANARY-land-b'
-- case: filter-only column through a cte
with c as (select experiment_id, country, platform from fct_cohort) select platform, count(*) as n from c where country <> 'x' group by 1
-- case: star leaves out what may not be selected
select * from fct_cohort
-- case: aggregate-only column averaged, again
select platform, avg(spend) as a, count(*) as n from fct_cohort group by platform
-- case: aggregate-only column through a cte
with c as (select platform, spend from fct_cohort where platform = 'web') select sum(spend) as s, count(spend) as n from c
-- case: a group under the minimum does not come out
select experiment_id, variation_id, platform, sum(spend) as s from fct_cohort group by all
-- case: having beside the minimum
select platform, avg(spend) as a from fct_cohort group by platform having count(*) > 3 or platform = 'x'
-- case: aggregate-only column from a derived table without a name
select avg(x) as a from (select spend as x from fct_cohort where platform = 'web')
-- case: aggregates before joining
with a as (select experiment_id, sum(n_events) as events from fct_daily group by 1), b as (select experiment_id, count(*) as units from fct_cohort group by 1) select d.name, a.events, b.units from dim_experiments d join a using (experiment_id) join b using (experiment_id)
-- case: left outer, full outer and inner in one
select d.name from dim_experiments d left outer join fct_daily f using (experiment_id) inner join fct_cohort c on c.experiment_id = d.experiment_id
