-- question: How many refresh runs ended how, step by step?
-- parameters: $since timestamp, $step_seconds bigint
-- returns: bucket_at timestamp, succeeded bigint, failed bigint, other bigint
select
    time_bucket(to_seconds($step_seconds::bigint), coalesce(finished_at, started_at, collected_at)) as bucket_at,
    count(*) filter (where status = 'succeeded') as succeeded,
    count(*) filter (where status = 'failed') as failed,
    count(*) filter (where status not in ('succeeded', 'failed')) as other
from latest_refresh_runs
where collected_at >= $since
group by bucket_at
order by bucket_at
