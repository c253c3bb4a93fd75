-- question: What is the newest value of every metric of every host?
-- parameters: $metrics varchar[]
-- returns: host varchar, metric varchar, instance varchar, observed_at timestamp, value double
select
    host,
    metric,
    instance,
    observed_at,
    value
from latest_metric_samples
where list_contains($metrics, metric)
order by host, metric, instance
