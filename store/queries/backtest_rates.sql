-- question: How many points a week does every data point give, since a time?
-- parameters: $since timestamp
-- returns: metric_id varchar, points_per_week double
select
    metric_id,
    case
        when count(distinct observed_at) > 1
            then 604800.0 * (count(distinct observed_at) - 1) / epoch(max(observed_at) - min(observed_at))
        else 7.0
    end as points_per_week
from data_points
where observed_at >= $since
group by metric_id
order by metric_id
