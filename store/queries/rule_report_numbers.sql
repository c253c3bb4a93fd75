-- question: Which numbers of the newest look at every report are wrong or stale?
-- returns: report_id varchar, persona varchar, number_id varchar, state varchar, page_text varchar, page_value double, backend_value double, unit varchar, hop varchar, day date, segment varchar, message varchar
select
    numbers.report_id,
    numbers.persona,
    numbers.number_id,
    numbers.state,
    numbers.page_text,
    numbers.page_value,
    numbers.backend_value,
    numbers.unit,
    numbers.hop,
    numbers.day,
    numbers.segment,
    numbers.message
from latest_report_numbers as numbers
inner join latest_report_checks as looks
    on
        numbers.report_id = looks.report_id
        and numbers.persona = looks.persona
        and numbers.check_id = looks.check_id
where numbers.state in ('wrong', 'stale')
order by numbers.report_id, numbers.persona, numbers.state desc, numbers.number_id
