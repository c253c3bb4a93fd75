-- question: Day by day in a time zone, what was the worst verdict of each of some jobs, and how many slots were on time?
-- parameters: $jobs varchar[], $since timestamp, $zone varchar
-- returns: job_id varchar, day_at timestamp, verdict varchar, slots bigint, judged bigint, on_time bigint
with slots as (
    select
        job_id,
        verdict,
        date_trunc('day', timezone($zone, timezone('UTC', due_at))) as day_at,
        case
            when verdict in ('failed', 'missed') then 0
            when verdict = 'late_finish' then 1
            when verdict in ('too_long', 'out_of_order') then 2
            when verdict in ('late_start', 'too_short', 'too_early', 'duplicate') then 3
            when verdict = 'unknown' then 4
            when verdict in ('due', 'running') then 5
            else 6
        end as place
    from latest_refresh_slots
    where due_at >= $since and list_contains($jobs, job_id) and verdict not in ('upcoming', 'withdrawn')
)

select
    job_id,
    day_at,
    arg_min(verdict, place) as verdict,
    count(*) as slots,
    count(*) filter (where place < 4 or verdict = 'on_time') as judged,
    count(*) filter (where verdict = 'on_time') as on_time
from slots
group by job_id, day_at
order by job_id, day_at
