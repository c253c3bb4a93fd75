-- question: How many refresh runs ended how, hour by hour?
-- parameters: $since timestamp
-- returns: hour_at timestamp, succeeded bigint, failed bigint, other bigint
select
    date_trunc('hour', coalesce(finished_at, started_at, collected_at)) as hour_at,
    count(*) filter (where status = 'succeeded') as succeeded,
    count(*) filter (where status = 'failed') as failed,
    count(*) filter (where status not in ('succeeded', 'failed')) as other
from latest_refresh_runs
where collected_at >= $since
group by hour_at
order by hour_at
