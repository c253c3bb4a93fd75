-- question: What are the values of one data point since a time, raw and corrected, and what was made of them?
-- parameters: $metric_id varchar, $since timestamp
-- returns: observed_at timestamp, collected_at timestamp, value double, raw_value double, is_corrected boolean, size double, state varchar, first_state varchar, times_judged bigint, score double, cause varchar, rules varchar, center double, lower double, upper double, is_late boolean
select
    points.observed_at,
    points.collected_at,
    points.value,
    points.raw_value,
    points.is_corrected,
    points.size,
    verdicts.state,
    verdicts.first_state,
    verdicts.times_judged,
    verdicts.score,
    verdicts.cause,
    verdicts.rules,
    verdicts.center,
    verdicts.lower,
    verdicts.upper,
    verdicts.is_late
from corrected_data_points as points
left join current_point_verdicts as verdicts
    on points.metric_id = verdicts.metric_id and points.observed_at = verdicts.observed_at
where points.metric_id = $metric_id and points.observed_at >= $since
order by points.observed_at
