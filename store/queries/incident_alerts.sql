-- question: Which alerts belong to one incident, and how does each stand?
-- parameters: $incident_id varchar, $since timestamp
-- returns: rule varchar, subject varchar, state varchar, severity varchar, evidence varchar, cause varchar, impact bigint, fired_at timestamp, resolved_at timestamp, moved_to varchar
with own as (
    select
        *,
        coalesce(nullif(incident_id, ''), rule || '|' || subject) as incident
    from alert_transitions
    where
        occurred_at >= $since
        and coalesce(nullif(incident_id, ''), rule || '|' || subject) = $incident_id
),

newest as (
    select
        rule,
        subject,
        arg_max(state, occurred_at) as state,
        arg_max(severity, occurred_at) as severity,
        arg_max(evidence, occurred_at) filter (where state <> 'resolved') as firing_evidence,
        arg_max(evidence, occurred_at) as evidence,
        arg_max(coalesce(cause, ''), occurred_at) as cause,
        arg_max(coalesce(cause, ''), occurred_at) filter (where state = 'firing') as firing_cause,
        max(coalesce(impact, 0)) as impact,
        min(occurred_at) filter (where state = 'firing') as fired_at,
        max(occurred_at) as changed_at
    from own
    group by rule, subject
)

select
    newest.rule,
    newest.subject,
    newest.state,
    newest.severity,
    coalesce(newest.firing_evidence, newest.evidence) as evidence,
    coalesce(newest.firing_cause, newest.cause) as cause,
    newest.impact,
    newest.fired_at,
    case when newest.state = 'resolved' then newest.changed_at end as resolved_at,
    case
        when newest.state <> 'resolved'
            then nullif(coalesce(nullif(latest.incident_id, ''), latest.rule || '|' || latest.subject), $incident_id)
    end as moved_to
from newest
left join latest_alert_transitions as latest
    on newest.rule = latest.rule and newest.subject = latest.subject
order by coalesce(newest.firing_cause, newest.cause) <> '', newest.fired_at nulls last, newest.rule, newest.subject
