-- question: Which incidents went on or ended since some time: who had them, and how long did they last?
-- parameters: $since timestamp
-- returns: incident_id varchar, rule varchar, subject varchar, severity varchar, evidence varchar, impact bigint, alerts bigint, attached bigint, fired_at timestamp, acknowledged_at timestamp, acknowledged_by varchar, resolved_at timestamp
with spells as (
    select *
    from alert_spells
    where resolved_at is null or resolved_at >= $since or fired_at >= $since
),

owned as (
    select
        spells.rule,
        spells.subject,
        spells.spell,
        min(acts.occurred_at) as acknowledged_at,
        arg_min(acts.actor_id, acts.occurred_at) as acknowledged_by
    from spells
    inner join alert_events as acts
        on
            spells.rule = acts.rule and spells.subject = acts.subject
            and acts.occurred_at >= spells.fired_at
            and (spells.resolved_at is null or acts.occurred_at <= spells.resolved_at)
    where acts.act = 'acknowledged'
    group by spells.rule, spells.subject, spells.spell
)

select
    coalesce(nullif(spells.incident_id, ''), spells.rule || '|' || spells.subject) as incident_id,
    first(spells.rule order by spells.cause <> '', spells.fired_at, spells.rule, spells.subject) as rule,
    first(spells.subject order by spells.cause <> '', spells.fired_at, spells.rule, spells.subject) as subject,
    coalesce(['info', 'warning', 'critical'][max(spells.severity_rank)], 'warning') as severity,
    first(spells.evidence order by spells.cause <> '', spells.fired_at, spells.rule, spells.subject) as evidence,
    max(spells.impact) as impact,
    count(*) as alerts,
    count(*) filter (where spells.cause <> '') as attached,
    min(spells.fired_at) as fired_at,
    min(owned.acknowledged_at) as acknowledged_at,
    arg_min(owned.acknowledged_by, owned.acknowledged_at) as acknowledged_by,
    case when count(spells.resolved_at) = count(*) then max(spells.resolved_at) end as resolved_at
from spells
left join owned
    on spells.rule = owned.rule and spells.subject = owned.subject and spells.spell = owned.spell
group by
    coalesce(nullif(spells.incident_id, ''), spells.rule || '|' || spells.subject),
    case when spells.incident_id = '' then spells.spell end
having coalesce(max(spells.resolved_at), max(spells.fired_at)) >= $since or count(spells.resolved_at) < count(*)
order by resolved_at desc nulls first, fired_at desc, incident_id
