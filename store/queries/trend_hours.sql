-- question: What are the corrected values of some data points by hour, without those that are left out?
-- parameters: $metrics varchar[], $since timestamp
-- returns: metric_id varchar, hour_at timestamp, value double, points bigint
select
    points.metric_id,
    date_trunc('hour', points.observed_at) as hour_at,
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
group by points.metric_id, date_trunc('hour', points.observed_at)
order by points.metric_id, hour_at
