-- question: Day by day, how did the looks at some reports go, from the day tier and, where it ends, from the looks?
-- parameters: $reports varchar[], $since timestamp
-- returns: report_id varchar, day_at timestamp, looks bigint, known bigint, good bigint, degraded bigint, down bigint, planned bigint
with tier_end as (
    select coalesce(max(day_at), timestamp '1970-01-01') as day_at from report_days
),

newest as (
    select
        report_id,
        date_trunc('day', observed_at) as day_at,
        count(*) as looks,
        count(*) filter (where is_told and not is_planned) as known,
        count(*) filter (where state = 'up' and not is_planned) as good,
        count(*) filter (where state = 'degraded' and not is_planned) as degraded,
        count(*) filter (where state = 'down' and not is_planned) as down,
        count(*) filter (where is_planned) as planned
    from counted_looks
    where
        observed_at >= greatest(date_trunc('day', $since::timestamp), (select day_at from tier_end))
        and list_contains($reports, report_id)
    group by all
)

select * from newest
union all
select
    report_id,
    day_at,
    looks,
    known,
    good,
    degraded,
    down,
    planned
from report_days
where
    day_at >= date_trunc('day', $since::timestamp)
    and day_at < (select day_at from tier_end)
    and list_contains($reports, report_id)
order by report_id, day_at
