-- question: Who was told, or not told, of the alerts that fire now?
-- parameters: $since timestamp
-- returns: rule varchar, subject varchar, occurred_at timestamp, state varchar, kind varchar, channel varchar, reason varchar, problem varchar
select
    told.rule,
    told.subject,
    told.occurred_at,
    told.state,
    told.kind,
    told.channel,
    told.reason,
    told.problem
from latest_notifications as told
semi join (
    select
        rule,
        subject
    from latest_alert_transitions
    where state = 'firing'
) as firing on told.rule = firing.rule and told.subject = firing.subject
where told.occurred_at >= $since and told.kind in ('fired', 'reminder', 'escalation')
order by told.occurred_at, told.channel, told.rule, told.subject
