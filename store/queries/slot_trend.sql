-- question: Day by day in a time zone, how many slots were judged and how many of them on time?
-- parameters: $since timestamp, $zone varchar
-- returns: day_at timestamp, judged bigint, on_time bigint
select
    date_trunc('day', timezone($zone, timezone('UTC', due_at))) as day_at,
    count(*) as judged,
    count(*) filter (where verdict = 'on_time') as on_time
from latest_refresh_slots
where due_at >= $since and verdict not in ('upcoming', 'due', 'running', 'unknown', 'withdrawn')
group by day_at
order by day_at
