-- question: Per job and expectation, what is the newest judged slot, the newest open one, the newest unknown one, and the next?
-- parameters: $since timestamp
-- returns: job_id varchar, expectation varchar, due_at timestamp, judged_at timestamp, verdict varchar, start_by_at timestamp, deadline_at timestamp, run_id varchar, started_at timestamp, finished_at timestamp, rows bigint, bytes bigint, landed_at timestamp, detail varchar
with places as (
    select
        *,
        case
            when verdict = 'upcoming' then 'next'
            when verdict in ('due', 'running') then 'open'
            when verdict = 'unknown' then 'unknown'
            else 'judged'
        end as place
    from latest_refresh_slots
    where due_at >= $since and verdict <> 'withdrawn'
),

ends as (
    select
        job_id,
        expectation,
        place,
        case place when 'next' then min(due_at) else max(due_at) end as due_at
    from places
    group by job_id, expectation, place
)

select
    slots.job_id,
    slots.expectation,
    slots.due_at,
    slots.judged_at,
    slots.verdict,
    slots.start_by_at,
    slots.deadline_at,
    slots.run_id,
    slots.started_at,
    slots.finished_at,
    slots.rows,
    slots.bytes,
    slots.landed_at,
    slots.detail
from latest_refresh_slots as slots
semi join ends using (job_id, expectation, due_at)
order by slots.job_id, slots.expectation, slots.due_at
