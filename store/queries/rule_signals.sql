-- question: Which signals alert now, and what were the newest ninety values of their data points?
-- returns: signal_id varchar, metric_id varchar, rule varchar, first_at timestamp, last_at timestamp, detected_at timestamp, score double, direction varchar, value double, center double, lower double, upper double, evidence varchar, watch varchar, collected_at timestamp, step_seconds double, at double[], observed double[]
with alerting as (
    select signals.*
    from latest_signals as signals
    left join latest_signal_answers as answers on signals.signal_id = answers.signal_id
    where
        signals.state = 'open'
        and signals.mode = 'alert'
        and (answers.answer is null or answers.answer = 'real')
),

-- Only what the signals speak of is read; the view of corrected points would group all points there are.
collected as (
    select
        points.metric_id,
        points.observed_at,
        arg_max(points.value, points.collected_at) as value,
        max(points.collected_at) as collected_at
    from data_points as points
    where points.metric_id in (select alerting.metric_id from alerting)
    group by points.metric_id, points.observed_at
),

corrections as (
    select
        metric_id,
        from_at,
        arg_max(new_value, marked_at) as new_value
    from marks_in_force
    where kind = 'corrected' and metric_id in (select alerting.metric_id from alerting)
    group by metric_id, from_at
),

points as (
    select
        collected.metric_id,
        collected.observed_at,
        collected.collected_at,
        coalesce(corrections.new_value, collected.value) as value,
        epoch(
            collected.observed_at
            - lag(collected.observed_at) over (partition by collected.metric_id order by collected.observed_at)
        ) as gap_seconds
    from collected
    left join corrections
        on collected.metric_id = corrections.metric_id and collected.observed_at = corrections.from_at
    qualify
        row_number() over (partition by collected.metric_id order by collected.observed_at desc) <= 90
),

series as (
    select
        metric_id,
        max(collected_at) as collected_at,
        median(gap_seconds)::double as step_seconds,
        list(epoch(observed_at)::double order by observed_at) as at,
        list(value order by observed_at) as observed
    from points
    group by metric_id
)

select
    alerting.signal_id,
    alerting.metric_id,
    alerting.rule,
    alerting.first_at,
    alerting.last_at,
    alerting.detected_at,
    alerting.score,
    alerting.direction,
    alerting.value,
    alerting.center,
    alerting.lower,
    alerting.upper,
    alerting.evidence,
    watches.watch,
    series.collected_at,
    series.step_seconds,
    coalesce(series.at, []::double[]) as at,
    coalesce(series.observed, []::double[]) as observed
from alerting
left join series on alerting.metric_id = series.metric_id
left join latest_watch_events as watches
    on alerting.metric_id = watches.metric_id and not watches.is_withdrawn
order by alerting.metric_id, alerting.score desc, alerting.signal_id
