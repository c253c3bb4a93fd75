-- question: What became of the slots of one job, newest first?
-- parameters: $job_id varchar, $since timestamp
-- returns: job_id varchar, expectation varchar, due_at timestamp, judged_at timestamp, verdict varchar, start_by_at timestamp, deadline_at timestamp, run_id varchar, started_at timestamp, finished_at timestamp, rows bigint, bytes bigint, landed_at timestamp, detail varchar
select
    job_id,
    expectation,
    due_at,
    judged_at,
    verdict,
    start_by_at,
    deadline_at,
    run_id,
    started_at,
    finished_at,
    rows,
    bytes,
    landed_at,
    detail
from latest_refresh_slots
where job_id = $job_id and due_at >= $since and verdict <> 'withdrawn'
order by due_at desc, expectation
limit 30000
