-- question: Which values did one data point take since a time, as collected and as corrected, with all verdicts on them?
-- parameters: $metric_id varchar, $since timestamp
-- returns: observed_at timestamp, value double, raw_value double, is_corrected boolean, state varchar, score double, cause varchar, rules varchar, center double, lower double, upper double, version bigint, is_late boolean, judged_at timestamp, times_judged bigint, first_state varchar, first_score double, first_value double
with points as (
    select
        observed_at,
        value,
        raw_value,
        is_corrected
    from corrected_data_points
    where metric_id = $metric_id and observed_at >= $since
),

verdicts as (
    select * from current_point_verdicts
    where metric_id = $metric_id and observed_at >= $since
)

select
    points.observed_at,
    points.value,
    points.raw_value,
    points.is_corrected,
    verdicts.state,
    verdicts.score,
    verdicts.cause,
    verdicts.rules,
    verdicts.center,
    verdicts.lower,
    verdicts.upper,
    verdicts.version,
    verdicts.is_late,
    verdicts.judged_at,
    verdicts.times_judged,
    verdicts.first_state,
    verdicts.first_score,
    verdicts.first_value
from points
left join verdicts on points.observed_at = verdicts.observed_at
order by points.observed_at
