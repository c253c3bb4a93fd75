-- question: Which alerts are firing or about to, in which incident, and since when?
-- returns: rule varchar, subject varchar, state varchar, severity varchar, evidence varchar, incident_id varchar, cause varchar, value double, impact bigint, since_at timestamp
with active as (
    select
        *,
        coalesce(nullif(incident_id, ''), rule || '|' || subject) as incident
    from latest_alert_transitions
    where state in ('pending', 'firing')
),

cleared as (
    select
        passed.rule,
        passed.subject,
        max(passed.occurred_at) as cleared_at
    from alert_transitions as passed
    semi join active on passed.rule = active.rule and passed.subject = active.subject
    where passed.state = 'resolved'
    group by passed.rule, passed.subject
),

begun as (
    select
        active.rule,
        active.subject,
        min(passed.occurred_at) as since_at
    from active
    inner join alert_transitions as passed
        on active.rule = passed.rule and active.subject = passed.subject and active.state = passed.state
    left join cleared on active.rule = cleared.rule and active.subject = cleared.subject
    where cleared.cleared_at is null or passed.occurred_at > cleared.cleared_at
    group by active.rule, active.subject
)

select
    active.rule,
    active.subject,
    active.state,
    active.severity,
    active.evidence,
    active.incident as incident_id,
    coalesce(active.cause, '') as cause,
    active.value,
    coalesce(active.impact, 0) as impact,
    coalesce(begun.since_at, active.occurred_at) as since_at
from active
left join begun on active.rule = begun.rule and active.subject = begun.subject
order by since_at, active.rule, active.subject
