-- question: How did the newest judged slot of every job go, and did the one before?
-- parameters: $since timestamp
-- returns: job_id varchar, expectation varchar, due_at timestamp, deadline_at timestamp, verdict varchar, run_id varchar, started_at timestamp, finished_at timestamp, detail varchar, judged_at timestamp, is_unknown_next boolean
with judged as (
    select
        *,
        row_number() over (partition by job_id, expectation order by due_at desc) as place
    from latest_refresh_slots
    where due_at >= $since and verdict not in ('upcoming', 'due', 'running', 'unknown', 'withdrawn')
),

blind as (
    select
        job_id,
        expectation,
        max(due_at) as blind_at
    from latest_refresh_slots
    where due_at >= $since and verdict = 'unknown'
    group by job_id, expectation
)

select
    judged.job_id,
    judged.expectation,
    judged.due_at,
    judged.deadline_at,
    judged.verdict,
    judged.run_id,
    judged.started_at,
    judged.finished_at,
    judged.detail,
    judged.judged_at,
    coalesce(blind.blind_at > judged.due_at, false) as is_unknown_next
from judged
left join blind using (job_id, expectation)
where judged.place = 1
order by judged.job_id, judged.expectation
