-- question: What was the last transition of every alert?
-- returns: rule varchar, subject varchar, occurred_at timestamp, state varchar, severity varchar, evidence varchar
select
    rule,
    subject,
    occurred_at,
    state,
    severity,
    evidence
from latest_alert_transitions
order by rule, subject
