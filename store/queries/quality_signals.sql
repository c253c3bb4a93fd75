-- question: Which signals did one data point give, with the points of each, the newest first?
-- parameters: $metric_id varchar
-- returns: signal_id varchar, rule varchar, changed_at timestamp, state varchar, mode varchar, first_at timestamp, last_at timestamp, detected_at timestamp, members varchar, score double, direction varchar, value double, rate double, version bigint, evidence varchar
select
    signal_id,
    rule,
    changed_at,
    state,
    mode,
    first_at,
    last_at,
    detected_at,
    members,
    score,
    direction,
    value,
    rate,
    version,
    evidence
from latest_signals
where metric_id = $metric_id
order by last_at desc, signal_id
