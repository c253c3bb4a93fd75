-- question: What did the newest look at every report find of its numbers?
-- returns: report_id varchar, persona varchar, number_id varchar, check_id varchar, observed_at timestamp, state varchar, page_text varchar, page_value double, backend_value double, tolerance double, unit varchar, hop varchar, day date, segment varchar, message varchar
select numbers.*
from latest_report_numbers as numbers
semi join latest_report_checks as checks
    on
        numbers.report_id = checks.report_id
        and numbers.persona = checks.persona
        and numbers.check_id = checks.check_id
order by numbers.report_id, numbers.persona, numbers.number_id
