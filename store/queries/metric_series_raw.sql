-- question: How did some metrics move in a short recent window, from raw samples?
-- parameters: $metrics varchar[], $since timestamp, $step_seconds bigint
-- returns: host varchar, metric varchar, instance varchar, bucket_at timestamp, mean double, high double
select
    host,
    metric,
    instance,
    time_bucket(to_seconds($step_seconds::bigint), observed_at) as bucket_at,
    avg(value) as mean,
    max(value) as high
from metric_samples
where observed_at >= $since and list_contains($metrics, metric)
group by all
order by host, metric, instance, bucket_at
