-- question: Which structure did the newest look at every report find, beside the one that a person approved?
-- returns: report_id varchar, persona varchar, layout varchar, approved_layout varchar, approved_at timestamp, actor varchar
select
    looks.report_id,
    looks.persona,
    looks.layout,
    baselines.layout as approved_layout,
    baselines.occurred_at as approved_at,
    baselines.actor
from latest_report_checks as looks
inner join report_baselines as baselines
    on looks.report_id = baselines.report_id and looks.persona = baselines.persona
order by looks.report_id, looks.persona
