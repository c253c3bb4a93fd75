-- question: Which picture was the last good one of every report that is not well now?
-- parameters: $since timestamp
-- returns: report_id varchar, persona varchar, good_at timestamp, picture varchar
select
    checks.report_id,
    checks.persona,
    max(checks.observed_at) as good_at,
    arg_max(shots.file, checks.observed_at) as picture
from report_checks as checks
semi join (
    select
        report_id,
        persona
    from latest_report_checks
    where state <> 'up' or confirmed <> 'up'
) as bad on checks.report_id = bad.report_id and checks.persona = bad.persona
inner join snapshots as shots on checks.report_id = shots.report_id and checks.snapshot_id = shots.snapshot_id
where checks.observed_at >= $since and checks.state = 'up'
group by checks.report_id, checks.persona
order by checks.report_id, checks.persona
