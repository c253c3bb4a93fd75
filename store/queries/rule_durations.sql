-- question: How long did the newest thirty successful runs of every job take?
-- parameters: $since timestamp
-- returns: job_id varchar, finished double[], seconds double[]
select
    job_id,
    list_reverse(list(epoch(finished_at)::double order by finished_at desc)[1:30]) as finished,
    list_reverse(
        list((date_diff('millisecond', started_at, finished_at) / 1000.0)::double order by finished_at desc)[1:30]
    ) as seconds
from latest_refresh_runs
where status = 'succeeded' and started_at is not null and finished_at >= $since
group by job_id
order by job_id
