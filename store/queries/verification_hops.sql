-- question: What did the newest look at every report find at the hops of its wrong numbers?
-- parameters: $since timestamp
-- returns: report_id varchar, persona varchar, number_id varchar, check_id varchar, observed_at timestamp, position bigint, hop varchar, value double, is_wrong boolean, day date, segment varchar, value_before double, value_here double, rows_before bigint, rows_here bigint, message varchar
select hops.*
from report_hops as hops
semi join latest_report_checks as checks
    on
        hops.report_id = checks.report_id
        and hops.persona = checks.persona
        and hops.check_id = checks.check_id
where hops.observed_at >= $since
order by hops.report_id, hops.persona, hops.number_id, hops.position
