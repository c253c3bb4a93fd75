-- question: How many slots of every job were judged, on time, wrong or unknown since a time?
-- parameters: $since timestamp
-- returns: job_id varchar, judged bigint, on_time bigint, failed bigint, missed bigint, unknown bigint
select
    job_id,
    count(*) filter (where verdict <> 'unknown') as judged,
    count(*) filter (where verdict = 'on_time') as on_time,
    count(*) filter (where verdict = 'failed') as failed,
    count(*) filter (where verdict = 'missed') as missed,
    count(*) filter (where verdict = 'unknown') as unknown
from latest_refresh_slots
where due_at >= $since and verdict not in ('upcoming', 'due', 'running', 'withdrawn')
group by job_id
order by job_id
