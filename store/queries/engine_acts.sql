-- question: What did people do about alerts since some time?
-- parameters: $since timestamp
-- returns: rule varchar, subject varchar, occurred_at timestamp, act varchar, actor_id varchar, reason varchar
select
    rule,
    subject,
    occurred_at,
    act,
    actor_id,
    reason
from alert_events
where occurred_at >= $since
order by occurred_at, rule, subject
