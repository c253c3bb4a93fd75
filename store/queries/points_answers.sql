-- question: What did people last say of the signals of one data point?
-- parameters: $metric_id varchar
-- returns: signal_id varchar, metric_id varchar, rule varchar, answered_at timestamp, answer varchar, actor varchar, reason varchar
select
    signal_id,
    metric_id,
    rule,
    answered_at,
    answer,
    actor,
    reason
from latest_signal_answers
where metric_id = $metric_id
order by answered_at desc, signal_id
