-- question: Who was told of what since some time?
-- parameters: $since timestamp
-- returns: notification_id varchar, occurred_at timestamp, state varchar, kind varchar, channel varchar, rule varchar, subject varchar, severity varchar, title varchar, incident_id varchar, attempts bigint, reason varchar, problem varchar
select
    notification_id,
    occurred_at,
    state,
    kind,
    channel,
    rule,
    subject,
    severity,
    title,
    incident_id,
    attempts,
    reason,
    problem
from latest_notifications
where occurred_at >= $since
order by occurred_at, notification_id
