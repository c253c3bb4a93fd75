-- Current state is a view over facts.

create view current_charge_loads as
select
    source,
    billing_period_start,
    arg_max(load_id, loaded_at) as load_id
from charge_loads
group by source, billing_period_start;

create view current_charges as
select charges.*
from charges
semi join current_charge_loads using (load_id, source, billing_period_start);

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

-- Refresh runs of every source; a collector's run is a refresh run of the facts it brings.
create view current_refresh_runs as
select job_id, run_id, source, status, started_at, finished_at, rows, message, collected_at
from latest_refresh_runs
union all by name
select
    collector as job_id,
    run_id,
    'collector' as source,
    case outcome when 'succeeded' then 'succeeded' when 'skipped' then 'skipped' else 'failed' end as status,
    started_at,
    started_at + to_microseconds((seconds * 1000000)::bigint) as finished_at,
    rows,
    error as message,
    started_at as collected_at
from collector_runs;
