-- question: What is the newest value of every metric, if it is not older than $since?
-- parameters: $since timestamp
-- returns: host varchar, metric varchar, instance varchar, observed_at timestamp, value double
select
    host,
    metric,
    instance,
    observed_at,
    value
from latest_metric_samples
where observed_at >= $since
order by host, metric, instance
