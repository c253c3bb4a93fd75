-- question: When was every report last seen good by each of its audiences, at most so long ago if it is not good now?
-- parameters: $since timestamp
-- returns: report_id varchar, persona varchar, verified_at timestamp
select
    report_id,
    persona,
    observed_at as verified_at
from latest_report_checks
where state = 'up'
union all
select
    checks.report_id,
    checks.persona,
    max(checks.observed_at) as verified_at
from report_checks as checks
semi join (
    select
        report_id,
        persona
    from latest_report_checks
    where state <> 'up'
) as others on checks.report_id = others.report_id and checks.persona = others.persona
where checks.state = 'up' and checks.observed_at >= $since
group by checks.report_id, checks.persona
order by report_id, persona
