-- question: Day by day, how did the looks at every report go, from the day tier and, where it ends, from the looks?
-- parameters: $since timestamp
-- returns: report_id varchar, day_at timestamp, looks bigint, known bigint, good bigint, degraded bigint, stale bigint, down bigint, planned bigint, p95_latency_seconds double
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
        count(*) filter (where state = 'degraded' and is_bad and not is_planned) as stale,
        count(*) filter (where state = 'down' and not is_planned) as down,
        count(*) filter (where is_planned) as planned,
        quantile_cont(latency_seconds, 0.95)::double as p95_latency_seconds
    from counted_looks
    where observed_at >= greatest(date_trunc('day', $since::timestamp), (select day_at from tier_end))
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
    stale,
    down,
    planned,
    p95_latency_seconds
from report_days
where day_at >= date_trunc('day', $since::timestamp) and day_at < (select day_at from tier_end)
order by report_id, day_at
