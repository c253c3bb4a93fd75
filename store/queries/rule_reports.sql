-- question: What did the last check of every report find?
-- returns: report_id varchar, observed_at timestamp, state varchar, stage varchar, message varchar
select
    report_id,
    observed_at,
    state,
    stage,
    message
from latest_report_checks
order by report_id
