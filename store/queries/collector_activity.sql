-- question: How many collector runs succeeded, step by step?
-- parameters: $since timestamp, $step_seconds bigint
-- returns: bucket_at timestamp, succeeded bigint, failed bigint
select
    time_bucket(to_seconds($step_seconds::bigint), started_at) as bucket_at,
    count(*) filter (where outcome = 'succeeded') as succeeded,
    count(*) filter (where outcome in ('failed', 'timed_out')) as failed
from collector_runs
where started_at >= $since
group by bucket_at
order by bucket_at
