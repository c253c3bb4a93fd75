-- question: Which silences and maintenance windows have not ended before some time?
-- parameters: $since timestamp
-- returns: silence_id varchar, occurred_at timestamp, state varchar, actor_id varchar, reason varchar, starts_at timestamp, ends_at timestamp, rule varchar, subject varchar, severity varchar, is_maintenance boolean
select
    silence_id,
    occurred_at,
    state,
    actor_id,
    reason,
    starts_at,
    ends_at,
    rule,
    subject,
    severity,
    is_maintenance
from latest_silences
where ends_at >= $since
order by starts_at, silence_id
