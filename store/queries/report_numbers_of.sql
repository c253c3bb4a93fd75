-- question: What does each number of one report say beside its backend, as last read for one audience?
-- parameters: $report_id varchar, $persona varchar
-- returns: number_id varchar, check_id varchar, observed_at timestamp, state varchar, page_text varchar, page_value double, backend_value double, tolerance double, unit varchar, hop varchar, day date, segment varchar, message varchar
select
    number_id,
    check_id,
    observed_at,
    state,
    page_text,
    page_value,
    backend_value,
    tolerance,
    unit,
    hop,
    day,
    segment,
    message
from latest_report_numbers
where report_id = $report_id and persona = $persona
order by number_id
