-- question: What did people last say of every signal?
-- returns: signal_id varchar, metric_id varchar, rule varchar, answered_at timestamp, answer varchar
select
    signal_id,
    metric_id,
    rule,
    answered_at,
    answer
from latest_signal_answers
order by answered_at, signal_id
