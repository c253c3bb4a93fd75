-- question: What were the newest points of some data points, with the limits and verdicts they were given?
-- parameters: $metrics varchar[], $points bigint
-- returns: metric_id varchar, observed_at timestamp, value double, state varchar, center double, lower double, upper double
with points as (
    select
        metric_id,
        observed_at,
        value
    from corrected_data_points
    where list_contains($metrics, metric_id)
    qualify row_number() over (partition by metric_id order by observed_at desc) <= $points::bigint
),

verdicts as (
    select
        metric_id,
        observed_at,
        state,
        center,
        lower,
        upper
    from current_point_verdicts
    where list_contains($metrics, metric_id)
)

select
    points.metric_id,
    points.observed_at,
    points.value,
    verdicts.state,
    verdicts.center,
    verdicts.lower,
    verdicts.upper
from points
left join verdicts on points.metric_id = verdicts.metric_id and points.observed_at = verdicts.observed_at
order by points.metric_id, points.observed_at
