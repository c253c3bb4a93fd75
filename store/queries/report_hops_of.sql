-- question: What did each hop of the numbers of one report answer, when they were last walked for one audience?
-- parameters: $report_id varchar, $persona varchar, $since timestamp
-- returns: number_id varchar, check_id varchar, observed_at timestamp, position bigint, hop varchar, value double, is_wrong boolean, day date, segment varchar, value_before double, value_here double, rows_before bigint, rows_here bigint, message varchar
select
    number_id,
    check_id,
    observed_at,
    position,
    hop,
    value,
    is_wrong,
    day,
    segment,
    value_before,
    value_here,
    rows_before,
    rows_here,
    message
from report_hops
where report_id = $report_id and persona = $persona and observed_at >= $since
qualify dense_rank() over (partition by number_id order by observed_at desc, check_id) = 1
order by number_id, position
