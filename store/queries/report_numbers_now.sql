-- question: What did the newest look at every report say of its numbers, and nothing that an older look said?
-- returns: report_id varchar, persona varchar, number_id varchar, state varchar, page_value double, backend_value double, unit varchar, hop varchar, day date, segment varchar
select
    n.report_id,
    n.persona,
    n.number_id,
    n.state,
    n.page_value,
    n.backend_value,
    n.unit,
    n.hop,
    n.day,
    n.segment
from latest_report_numbers as n
inner join latest_report_checks as c
    on n.report_id = c.report_id and n.persona = c.persona and n.check_id = c.check_id
order by n.report_id, n.persona, n.number_id
