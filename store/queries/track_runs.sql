-- question: Which refresh runs does the tracker judge, from some time on, and what was the last success of each job before?
-- parameters: $since timestamp
-- returns: job_id varchar, run_id varchar, source varchar, status varchar, collected_at timestamp, started_at timestamp, finished_at timestamp, rows bigint, message varchar, triggered_by varchar, data_interval_start timestamp, data_interval_end timestamp, landed_at timestamp, bytes bigint
with last_successes as (
    select
        job_id,
        arg_max(run_id, coalesce(finished_at, collected_at)) as run_id
    from latest_refresh_runs
    where
        status = 'succeeded'
        and coalesce(triggered_by, '') <> 'backfill'
        and coalesce(finished_at, collected_at) < $since
    group by job_id
),

first_runs as (
    select
        job_id,
        arg_min(run_id, coalesce(started_at, finished_at, collected_at)) as run_id
    from latest_refresh_runs
    group by job_id
    having count(*) filter (where status = 'succeeded') = 0
)

select
    job_id,
    run_id,
    source,
    status,
    collected_at,
    started_at,
    finished_at,
    rows,
    message,
    triggered_by,
    data_interval_start,
    data_interval_end,
    landed_at,
    bytes
from latest_refresh_runs
where
    coalesce(finished_at, started_at, collected_at) >= $since
    or status in ('queued', 'running')
    or (job_id, run_id) in (select (job_id, run_id) from last_successes)
    or (job_id, run_id) in (select (job_id, run_id) from first_runs)
order by job_id, coalesce(started_at, finished_at, collected_at), run_id
