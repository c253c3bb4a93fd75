-- question: Which changes of state did alerts go through since some time, as a replay takes them?
-- parameters: $since timestamp
-- returns: rule varchar, subject varchar, occurred_at timestamp, state varchar, cause varchar
select
    rule,
    subject,
    occurred_at,
    state,
    coalesce(cause, '') as cause
from alert_transitions
where occurred_at >= $since
order by occurred_at, rule, subject
