-- question: What have playbooks done since $since?
-- parameters: $since timestamp
-- returns: playbook varchar, subject varchar, occurred_at timestamp, state varchar, detail varchar
select
    playbook,
    subject,
    occurred_at,
    state,
    detail
from action_events
where occurred_at >= $since
order by occurred_at
