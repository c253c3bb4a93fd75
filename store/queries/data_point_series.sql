-- question: Which values did one key data point take since a time?
-- parameters: $metric_id varchar, $since timestamp
-- returns: observed_at timestamp, value double, size double
select
    observed_at,
    value,
    size
from current_data_points
where metric_id = $metric_id and observed_at >= $since
order by observed_at
