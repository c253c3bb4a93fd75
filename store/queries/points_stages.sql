-- question: Which stages has one data point, or what is the stage of this id, and what was last said of each?
-- parameters: $of varchar
-- returns: stage_id varchar, metric_id varchar, starts_at timestamp, occurred_at timestamp, state varchar, reason varchar, actor varchar, evidence varchar
select
    stage_id,
    metric_id,
    starts_at,
    occurred_at,
    state,
    reason,
    actor,
    evidence
from latest_stage_events
where metric_id = $of or stage_id = $of
order by starts_at desc, stage_id
