-- question: How did every refresh job fare lately, and how did its last run end?
-- parameters: $since timestamp, $collectors_since timestamp
-- returns: job_id varchar, source varchar, status varchar, started_at timestamp, finished_at timestamp, collected_at timestamp, duration_seconds double, rows bigint, message varchar, runs bigint, failures bigint, durations double[], statuses varchar[]
with runs as (
    select
        *,
        date_diff('millisecond', started_at, finished_at) / 1000.0::double as seconds,
        coalesce(started_at, collected_at) as ordered_at
    from current_refresh_runs
    where collected_at >= $since and (source <> 'collector' or collected_at >= $collectors_since)
)

select
    job_id,
    arg_max(source, ordered_at) as source,
    arg_max(status, ordered_at) as status,
    arg_max_null(started_at, ordered_at) as started_at,
    arg_max_null(finished_at, ordered_at) as finished_at,
    max(collected_at) as collected_at,
    arg_max_null(seconds, ordered_at)::double as duration_seconds,
    arg_max_null(rows, ordered_at) as rows,
    arg_max_null(message, ordered_at) as message,
    count(*) as runs,
    count(*) filter (where status = 'failed') as failures,
    list_reverse(list(coalesce(seconds, 0)::double order by ordered_at desc)[1:40]) as durations,
    list_reverse(list(status order by ordered_at desc)[1:40]) as statuses
from runs
group by job_id
order by job_id
