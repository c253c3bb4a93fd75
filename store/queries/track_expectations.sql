-- question: What did people decide about expectations?
-- returns: job_id varchar, expectation_id varchar, state varchar, expectation varchar, occurred_at timestamp, actor_id varchar
select
    job_id,
    expectation_id,
    state,
    expectation,
    occurred_at,
    actor_id
from latest_expectation_events
order by job_id, expectation_id
