-- question: How often did every rule fire since some time, and did anybody act on it?
-- parameters: $since timestamp
-- returns: rule varchar, fired bigint, unattended bigint, acknowledged bigint, brief bigint, returned bigint, attached bigint, withheld bigint, sent bigint, last_fired_at timestamp
with spells as (
    select
        *,
        lag(resolved_at) over (partition by rule, subject order by spell) as cleared_before_at
    from alert_spells
),

acts as (
    select
        spells.rule,
        spells.subject,
        spells.spell,
        count(*) filter (where events.act = 'acknowledged') as acknowledged
    from spells
    inner join alert_events as events
        on
            spells.rule = events.rule and spells.subject = events.subject
            and events.occurred_at >= spells.fired_at
            and (spells.resolved_at is null or events.occurred_at <= spells.resolved_at)
    where events.act in ('acknowledged', 'noted')
    group by spells.rule, spells.subject, spells.spell
),

told as (
    select
        rule,
        count(*) filter (where state = 'withheld') as withheld,
        count(*) filter (where state = 'sent') as sent
    from latest_notifications
    where occurred_at >= $since and kind in ('fired', 'reminder', 'escalation')
    group by rule
)

select
    spells.rule,
    count(*) as fired,
    count(*) filter (where spells.cause = '' and acts.spell is null) as unattended,
    count(*) filter (where acts.acknowledged > 0) as acknowledged,
    count(*) filter (
        where acts.spell is null and spells.resolved_at <= spells.fired_at + interval 5 minutes
    ) as brief,
    count(*) filter (where spells.fired_at <= spells.cleared_before_at + interval 1 hour) as returned,
    count(*) filter (where spells.cause <> '') as attached,
    coalesce(any_value(told.withheld), 0) as withheld,
    coalesce(any_value(told.sent), 0) as sent,
    max(spells.fired_at) as last_fired_at
from spells
left join acts
    on spells.rule = acts.rule and spells.subject = acts.subject and spells.spell = acts.spell
left join told on spells.rule = told.rule
where spells.fired_at >= $since
group by spells.rule
order by unattended desc, fired desc, spells.rule
