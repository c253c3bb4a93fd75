-- question: Which picture was last approved as the look of every report, or taken back, by whom and why?
-- returns: report_id varchar, persona varchar, occurred_at timestamp, state varchar, snapshot_id varchar, file varchar, layout varchar, actor varchar, reason varchar
select
    report_id,
    persona,
    occurred_at,
    state,
    snapshot_id,
    file,
    layout,
    actor,
    reason
from baseline_events
qualify row_number() over (partition by report_id, persona order by occurred_at desc) = 1
order by report_id, persona
