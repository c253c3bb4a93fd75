-- Current state is a view over facts.

create view current_charges as
select charges.*
from charges
semi join (
    select
        source,
        billing_period_start,
        arg_max(load_id, loaded_at) as load_id
    from charge_loads
    group by source, billing_period_start
) as newest using (load_id, source, billing_period_start);

create view current_plan_lines as
select plan_lines.*
from plan_lines
where load_id = (select arg_max(load_id, loaded_at) from plan_lines);

create view current_data_points as
select
    metric_id,
    observed_at,
    arg_max(value, collected_at) as value,
    arg_max(size, collected_at) as size,
    max(collected_at) as collected_at
from data_points
group by metric_id, observed_at;
