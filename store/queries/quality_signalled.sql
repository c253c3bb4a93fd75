-- question: Which points of all data points were signals since a time?
-- parameters: $since timestamp
-- returns: metric_id varchar, observed_at timestamp
select
    metric_id,
    observed_at
from current_point_verdicts
where observed_at >= $since and state = 'signal'
order by metric_id, observed_at
