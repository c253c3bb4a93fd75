-- question: Which collected points of one data point lie nearest to a time?
-- parameters: $metric_id varchar, $at timestamp
-- returns: observed_at timestamp, value double
select
    observed_at,
    value
from current_data_points
where metric_id = $metric_id
order by abs(epoch_us(observed_at) - epoch_us($at::timestamp)), observed_at
limit 3
