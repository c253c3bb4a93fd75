-- question: When do the points of one data point begin and end, and how many lie within a range?
-- parameters: $metric_id varchar, $from_at timestamp, $to_at timestamp
-- returns: first_at timestamp, last_at timestamp, inside bigint
select
    min(observed_at) as first_at,
    max(observed_at) as last_at,
    count(*) filter (where observed_at between $from_at and $to_at) as inside
from current_data_points
where metric_id = $metric_id
