-- question: What did the newest look at every report as every persona find, and which picture shows it?
-- returns: report_id varchar, observed_at timestamp, state varchar, stage varchar, http_status bigint, latency_seconds double, tls_days_left double, message varchar, persona varchar, check_id varchar, fault varchar, confirmed varchar, stages varchar, attempts bigint, is_planned boolean, snapshot_id varchar, layout varchar, page_as_of_at timestamp, peak_memory_bytes bigint, received_bytes bigint, picture varchar
select
    checks.*,
    shots.file as picture
from latest_report_checks as checks
left join (
    select
        report_id,
        snapshot_id,
        max(file) as file
    from snapshots
    semi join latest_report_checks using (report_id, snapshot_id)
    group by report_id, snapshot_id
) as shots
    on checks.report_id = shots.report_id and checks.snapshot_id = shots.snapshot_id
order by checks.report_id, checks.persona
