-- question: What happened in one incident: its alerts, what people did, and who was told?
-- parameters: $incident_id varchar, $since timestamp
-- returns: occurred_at timestamp, kind varchar, state varchar, rule varchar, subject varchar, who varchar, detail varchar
with own as (
    select
        rule,
        subject,
        occurred_at,
        state,
        coalesce(cause, '') as cause,
        evidence
    from alert_transitions
    where
        occurred_at >= $since
        and coalesce(nullif(incident_id, ''), rule || '|' || subject) = $incident_id
),

spans as (
    select
        rule,
        subject,
        min(occurred_at) as begins_at,
        case when arg_max(state, occurred_at) = 'resolved' then max(occurred_at) end as ends_at
    from own
    group by rule, subject
),

told as (
    select
        occurred_at,
        state,
        kind,
        rule,
        subject,
        channel,
        coalesce(nullif(problem, ''), reason) as detail
    from notifications
    where
        occurred_at >= $since
        and coalesce(nullif(incident_id, ''), rule || '|' || subject) = $incident_id
)

select
    occurred_at,
    'alert' as kind,
    case when state = 'firing' and cause <> '' then 'explained' else state end as state,
    rule,
    subject,
    '' as who,
    evidence as detail
from own
union all by name
select
    acts.occurred_at,
    'act' as kind,
    acts.act as state,
    acts.rule,
    acts.subject,
    acts.actor_id as who,
    acts.reason as detail
from alert_events as acts
inner join spans
    on
        acts.rule = spans.rule and acts.subject = spans.subject
        and acts.occurred_at >= spans.begins_at
        and (spans.ends_at is null or acts.occurred_at <= spans.ends_at)
union all by name
select
    occurred_at,
    kind,
    state,
    rule,
    subject,
    channel as who,
    detail
from told
order by occurred_at desc, kind, rule, subject
