-- question: Which data points have a value since a time that was not judged yet, and from when on?
-- parameters: $since timestamp
-- returns: metric_id varchar, first_at timestamp
with points as (
    select
        metric_id,
        observed_at,
        value
    from corrected_data_points
    where observed_at >= $since
),

judged as (
    select
        metric_id,
        observed_at,
        arg_max(value, judged_at) as value
    from point_verdicts
    where observed_at >= $since
    group by metric_id, observed_at
)

select
    points.metric_id,
    min(points.observed_at) as first_at
from points
left join judged on points.metric_id = judged.metric_id and points.observed_at = judged.observed_at
where isfinite(points.value) and points.value is distinct from judged.value
group by points.metric_id
order by points.metric_id
