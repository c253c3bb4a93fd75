-- question: How did the stages of the newest look at one report end, for each of its audiences?
-- parameters: $report_id varchar
-- returns: persona varchar, observed_at timestamp, verdict varchar, stages varchar, peak_memory_bytes bigint, received_bytes bigint
select
    persona,
    observed_at,
    coalesce(confirmed, state) as verdict,
    stages,
    peak_memory_bytes,
    received_bytes
from latest_report_checks
where report_id = $report_id
order by persona
