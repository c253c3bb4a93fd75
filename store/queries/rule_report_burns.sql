-- question: How many looks were bad in each window of the burn rates, at reports with at least two bad ones in three days?
-- returns: report_id varchar, end_at timestamp, known_5m bigint, bad_5m bigint, known_30m bigint, bad_30m bigint, known_1h bigint, bad_1h bigint, known_6h bigint, bad_6h bigint, known_3d bigint, bad_3d bigint, hours double[], bad_ratios double[]
with looks as (
    select
        report_id,
        observed_at,
        is_bad
    from counted_looks
    where
        observed_at > (select max(observed_at) - interval 4 days from latest_report_checks)
        and is_told
        and not is_planned
),

-- Windows end at the report's own newest look and have at least its three newest.
ends as (
    select
        report_id,
        max(observed_at) as end_at,
        list_min(max(observed_at, 3)) as third_at
    from looks
    group by report_id
    having count(*) filter (where is_bad) >= 2
),

aged as (
    select
        looks.report_id,
        looks.observed_at,
        looks.is_bad,
        ends.end_at,
        case when looks.observed_at >= ends.third_at then interval 0 seconds else ends.end_at - looks.observed_at end as age
    from looks
    inner join ends on looks.report_id = ends.report_id
),

counted as (
    select
        report_id,
        any_value(end_at) as end_at,
        count(*) filter (where age < interval 5 minutes) as known_5m,
        count(*) filter (where age < interval 5 minutes and is_bad) as bad_5m,
        count(*) filter (where age < interval 30 minutes) as known_30m,
        count(*) filter (where age < interval 30 minutes and is_bad) as bad_30m,
        count(*) filter (where age < interval 1 hour) as known_1h,
        count(*) filter (where age < interval 1 hour and is_bad) as bad_1h,
        count(*) filter (where age < interval 6 hours) as known_6h,
        count(*) filter (where age < interval 6 hours and is_bad) as bad_6h,
        count(*) filter (where age < interval 3 days) as known_3d,
        count(*) filter (where age < interval 3 days and is_bad) as bad_3d
    from aged
    group by report_id
),

hourly as (
    select
        report_id,
        date_trunc('hour', observed_at) as hour_at,
        avg(is_bad::double) as bad_ratio
    from aged
    where age < interval 3 days
    group by all
),

charted as (
    select
        report_id,
        list(epoch(hour_at)::double order by hour_at) as hours,
        list(bad_ratio order by hour_at) as bad_ratios
    from hourly
    group by report_id
)

select
    counted.*,
    charted.hours,
    charted.bad_ratios
from counted
inner join charted on counted.report_id = charted.report_id
where counted.bad_3d >= 2
order by counted.report_id
