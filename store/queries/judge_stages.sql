-- question: Which stages were proposed or decided about?
-- returns: stage_id varchar, metric_id varchar, starts_at timestamp, state varchar, reason varchar, actor varchar
select
    stage_id,
    metric_id,
    starts_at,
    state,
    reason,
    actor
from latest_stage_events
order by metric_id, starts_at, stage_id
