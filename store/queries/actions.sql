-- question: Which corrective actions were tried lately, and did they cure?
-- parameters: $since timestamp
-- returns: occurred_at timestamp, playbook varchar, subject varchar, state varchar, detail varchar
select
    occurred_at,
    playbook,
    subject,
    state,
    detail
from action_events
where occurred_at >= $since
order by occurred_at desc, playbook, subject
