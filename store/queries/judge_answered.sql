-- question: Which signals of some data points did people answer?
-- parameters: $ids varchar[]
-- returns: signal_id varchar
select signal_id
from latest_signal_answers
where metric_id in (select unnest($ids::varchar[]))
order by signal_id
