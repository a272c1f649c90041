{#- A condition that is true, or unknown, of every row. The embedded builder's checks know this test by the same name. -#}
{% test holds(model, condition) %}
select *
from {{ model }}
where not ({{ condition }})
{% endtest %}
