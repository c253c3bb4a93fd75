-- question: Which signals do some data points have?
-- parameters: $ids varchar[]
-- returns: signal_id varchar, metric_id varchar, rule varchar, changed_at timestamp, state varchar, mode varchar, first_at timestamp, last_at timestamp, detected_at timestamp, members varchar, score double, direction varchar, value double, center double, lower double, upper double, rate double, version bigint, evidence varchar
select *
from latest_signals
where metric_id in (select unnest($ids::varchar[]))
order by metric_id, first_at, signal_id
