-- question: What are the newest runs of one refresh job?
-- parameters: $job_id varchar, $since timestamp
-- returns: run_id varchar, status varchar, started_at timestamp, finished_at timestamp, duration_seconds double, rows bigint, message varchar
select
    run_id,
    status,
    started_at,
    finished_at,
    (date_diff('millisecond', started_at, finished_at) / 1000.0)::double as duration_seconds,
    rows,
    message
from current_refresh_runs
where job_id = $job_id and collected_at >= $since
order by coalesce(started_at, collected_at) desc
limit 500
