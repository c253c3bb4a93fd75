-- question: Which alerts are firing or about to, as the engine takes them over when its own notes are lost?
-- returns: rule varchar, subject varchar, occurred_at timestamp, state varchar, severity varchar, evidence varchar, incident_id varchar, cause varchar, value double, impact bigint
select
    rule,
    subject,
    occurred_at,
    state,
    severity,
    evidence,
    coalesce(incident_id, '') as incident_id,
    coalesce(cause, '') as cause,
    value,
    coalesce(impact, 0) as impact
from latest_alert_transitions
where state in ('pending', 'firing')
order by occurred_at desc, rule, subject
