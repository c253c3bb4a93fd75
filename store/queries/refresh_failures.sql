-- question: Which refresh jobs failed when they last ran?
-- parameters: $since timestamp
-- returns: job_id varchar, message varchar, collected_at timestamp
select
    job_id,
    arg_max_null(message, coalesce(started_at, collected_at)) as message,
    max(collected_at) as collected_at
from latest_refresh_runs
where collected_at >= $since and status <> 'skipped'
group by job_id
having arg_max(status, coalesce(started_at, collected_at)) = 'failed'
order by job_id
