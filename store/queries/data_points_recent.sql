-- question: What were the newest values of every key data point?
-- parameters: $since timestamp, $points bigint
-- returns: metric_id varchar, observed_at timestamp, value double, size double
select
    metric_id,
    observed_at,
    value,
    size
from current_data_points
where observed_at >= $since
qualify row_number() over (partition by metric_id order by observed_at desc) <= $points::bigint
order by metric_id, observed_at
