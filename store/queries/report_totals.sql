-- question: How many looks at some reports were known, and bad, over the days that each of them is judged by?
-- parameters: $reports varchar[], $days varchar[], $until timestamp
-- returns: report_id varchar, known bigint, bad bigint
with wanted as (
    select
        unnest($reports::varchar[]) as report_id,
        unnest($days::varchar[])::bigint as days
),

tier_end as (
    select coalesce(max(day_at), timestamp '1970-01-01') as day_at from report_days
),

days as (
    select
        report_id,
        date_trunc('day', observed_at) as day_at,
        count(*) filter (where is_told and not is_planned) as known,
        count(*) filter (where is_bad and not is_planned) as bad
    from counted_looks
    where observed_at >= greatest($until::timestamp - interval 90 days, (select day_at from tier_end))
    group by all
    union all
    select
        report_id,
        day_at,
        known,
        known - good - degraded + stale as bad
    from report_days
    where day_at < (select day_at from tier_end)
)

select
    wanted.report_id,
    sum(days.known)::bigint as known,
    sum(days.bad)::bigint as bad
from wanted
inner join days on wanted.report_id = days.report_id
where days.day_at > $until::timestamp - to_days(wanted.days::int)
group by wanted.report_id
order by wanted.report_id
