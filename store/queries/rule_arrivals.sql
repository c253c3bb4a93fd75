-- question: Which runs brought the newest data of every job, and which succeeded last?
-- parameters: $since timestamp
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
where status = 'succeeded' and collected_at >= $since
qualify
    row_number() over (partition by job_id order by coalesce(finished_at, collected_at) desc) = 1
    or row_number() over (partition by job_id order by coalesce(landed_at, data_interval_end) desc nulls last) = 1
order by job_id, run_id
