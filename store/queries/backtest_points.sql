-- question: What is one data point's newest past within its stage, corrected, and which points did people leave out, correct or explain?
-- parameters: $metric_id varchar
-- returns: observed_at timestamp, value double, size double, is_left_out boolean, is_event boolean, stage_at timestamp
with stage as (
    select max(starts_at) as starts_at
    from stages_in_force
    where metric_id = $metric_id
),

left_out as (
    select
        from_at,
        to_at
    from marks_in_force
    where metric_id = $metric_id and kind in ('left_out', 'planned')
),

explained as (
    select
        signals.first_at,
        signals.last_at
    from latest_signals as signals
    inner join latest_signal_answers as answers on signals.signal_id = answers.signal_id
    where signals.metric_id = $metric_id and signals.state != 'withdrawn'
)

select
    points.observed_at,
    points.value,
    points.size,
    exists(
        select 1 from left_out
        where points.observed_at between left_out.from_at and left_out.to_at
    ) as is_left_out,
    points.is_corrected or exists(
        select 1 from explained
        where points.observed_at between explained.first_at and explained.last_at
    ) as is_event,
    stage.starts_at as stage_at
from corrected_data_points as points
cross join stage
where points.metric_id = $metric_id and (stage.starts_at is null or points.observed_at >= stage.starts_at)
order by points.observed_at desc
limit 2000
