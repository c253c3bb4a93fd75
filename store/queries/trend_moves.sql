-- question: What is the newest whole day of some data points, and what were the same weekday and day of month before it?
-- parameters: $metrics varchar[], $since timestamp
-- returns: metric_id varchar, day date, value double, week_before double, month_before double, first_day date, days bigint
with days as (
    select
        points.metric_id,
        points.observed_at::date as day,
        avg(points.value) as value,
        count(*) as points
    from corrected_data_points as points
    where
        list_contains($metrics, points.metric_id)
        and points.observed_at >= $since
        and isfinite(points.value)
        and not exists (
            select 1
            from marks_in_force as marks
            where
                marks.kind = 'left_out'
                and marks.metric_id = points.metric_id
                and points.observed_at between marks.from_at and marks.to_at
        )
    group by points.metric_id, points.observed_at::date
),

whole as (
    select *
    from days
    qualify points >= 0.8 * median(points) over (partition by metric_id)
),

newest as (
    select
        metric_id,
        max(day) as day,
        arg_max(value, day) as value,
        min(day) as first_day,
        count(*) as days
    from whole
    group by metric_id
)

select
    newest.metric_id,
    newest.day,
    newest.value,
    week.value as week_before,
    month.value as month_before,
    newest.first_day,
    newest.days
from newest
left join whole as week on newest.metric_id = week.metric_id and week.day = newest.day - 7
left join whole as month
    on newest.metric_id = month.metric_id and month.day = (newest.day - interval 1 month)::date
order by newest.metric_id
