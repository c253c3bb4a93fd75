-- question: Which silences and maintenance windows hold, are planned, or ended since some time?
-- parameters: $since timestamp
-- returns: silence_id varchar, occurred_at timestamp, state varchar, actor_id varchar, reason varchar, starts_at timestamp, ends_at timestamp, rule varchar, subject varchar, severity varchar, is_maintenance boolean, made_by varchar, made_for varchar
with made as (
    select
        silence_id,
        arg_min(actor_id, occurred_at) as made_by,
        arg_min(reason, occurred_at) as made_for
    from silences
    group by silence_id
)

select
    newest.silence_id,
    newest.occurred_at,
    newest.state,
    newest.actor_id,
    newest.reason,
    newest.starts_at,
    newest.ends_at,
    newest.rule,
    newest.subject,
    newest.severity,
    newest.is_maintenance,
    made.made_by,
    made.made_for
from latest_silences as newest
inner join made on newest.silence_id = made.silence_id
where newest.ends_at >= $since
order by newest.starts_at desc, newest.silence_id
