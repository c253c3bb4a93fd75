-- question: Which refresh runs of some jobs ended or are under way, from some time on?
-- parameters: $jobs varchar[], $since timestamp
-- returns: job_id varchar, run_id varchar, source varchar, status varchar, collected_at timestamp, started_at timestamp, finished_at timestamp, rows bigint, message varchar, triggered_by varchar, data_interval_start timestamp, data_interval_end timestamp, landed_at timestamp, bytes bigint
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
where list_contains($jobs, job_id) and coalesce(finished_at, started_at, collected_at) >= $since
order by job_id, coalesce(started_at, finished_at, collected_at), run_id
