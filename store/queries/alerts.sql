-- question: Which alerts are firing or about to?
-- returns: rule varchar, subject varchar, occurred_at timestamp, state varchar, severity varchar, evidence varchar
select
    rule,
    subject,
    occurred_at,
    state,
    severity,
    evidence
from latest_alert_transitions
where state in ('pending', 'firing')
order by occurred_at desc, rule, subject
