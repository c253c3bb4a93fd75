-- question: Which series of which host can be charted?
-- returns: host varchar, metric varchar, instance varchar, observed_at timestamp
select
    host,
    metric,
    instance,
    observed_at
from latest_metric_samples
order by host, metric, instance
