-- Alerts belong to incidents; people acknowledge and silence; notifications are facts too.

alter table alert_transitions add column incident_id varchar;
alter table alert_transitions add column cause varchar;
alter table alert_transitions add column value double;
alter table alert_transitions add column impact bigint;
alter table latest_alert_transitions add column incident_id varchar;
alter table latest_alert_transitions add column cause varchar;
alter table latest_alert_transitions add column value double;
alter table latest_alert_transitions add column impact bigint;

create table alert_events (
    rule varchar not null,
    subject varchar not null,
    occurred_at timestamp not null,
    act varchar not null check (act in ('acknowledged', 'unacknowledged', 'noted')),
    actor_id varchar not null,
    reason varchar not null
);

create table silences (
    silence_id varchar not null,
    occurred_at timestamp not null,
    state varchar not null check (state in ('active', 'ended')),
    actor_id varchar not null,
    reason varchar not null,
    starts_at timestamp not null,
    ends_at timestamp not null,
    rule varchar not null,
    subject varchar not null,
    severity varchar not null,
    is_maintenance boolean not null
);

create table latest_silences (
    silence_id varchar not null,
    occurred_at timestamp not null,
    state varchar not null,
    actor_id varchar not null,
    reason varchar not null,
    starts_at timestamp not null,
    ends_at timestamp not null,
    rule varchar not null,
    subject varchar not null,
    severity varchar not null,
    is_maintenance boolean not null,
    primary key (silence_id)
);

create table notifications (
    notification_id varchar not null,
    occurred_at timestamp not null,
    state varchar not null check (state in ('queued', 'sent', 'retrying', 'undeliverable', 'withheld')),
    kind varchar not null check (kind in ('fired', 'resolved', 'reminder', 'escalation', 'watchdog')),
    channel varchar not null,
    rule varchar not null,
    subject varchar not null,
    severity varchar not null,
    title varchar not null,
    incident_id varchar not null,
    attempts bigint not null,
    reason varchar not null,
    problem varchar
);

create table latest_notifications (
    notification_id varchar not null,
    occurred_at timestamp not null,
    state varchar not null,
    kind varchar not null,
    channel varchar not null,
    rule varchar not null,
    subject varchar not null,
    severity varchar not null,
    title varchar not null,
    incident_id varchar not null,
    attempts bigint not null,
    reason varchar not null,
    problem varchar,
    primary key (notification_id)
);

-- One row per time that an alert fired, from its first look to its resolution (null while it goes on).
create view alert_spells as
with numbered as (
    select
        *,
        coalesce(sum((state = 'resolved')::bigint) over (
            partition by rule, subject
            order by occurred_at
            rows between unbounded preceding and 1 preceding
        ), 0)::bigint as spell
    from alert_transitions
)

select
    rule,
    subject,
    spell,
    min(occurred_at) filter (where state = 'firing') as fired_at,
    min(occurred_at) filter (where state = 'resolved') as resolved_at,
    arg_max(coalesce(incident_id, ''), occurred_at) as incident_id,
    arg_max(coalesce(cause, ''), occurred_at) filter (where state = 'firing') as cause,
    arg_max(evidence, occurred_at) filter (where state = 'firing') as evidence,
    max(list_position(['info', 'warning', 'critical'], severity)) as severity_rank,
    max(coalesce(impact, 0)) as impact
from numbered
group by rule, subject, spell
having count(*) filter (where state = 'firing') > 0;
