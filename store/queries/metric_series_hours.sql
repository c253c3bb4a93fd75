-- question: How did some metrics move, from the rollup by hour?
-- parameters: $metrics varchar[], $since timestamp, $step_seconds bigint
-- returns: host varchar, metric varchar, instance varchar, bucket_at timestamp, mean double, high double
select
    host,
    metric,
    instance,
    time_bucket(to_seconds($step_seconds::bigint), bucket_at) as bucket_at,
    sum(mean * samples) / sum(samples) as mean,
    max(high) as high
from metric_hours
where metric_hours.bucket_at >= $since and list_contains($metrics, metric)
group by host, metric, instance, time_bucket(to_seconds($step_seconds::bigint), metric_hours.bucket_at)
order by host, metric, instance, 4
