-- question: Which signals are open or ended since a time, of all data points, of one, or the one of this id?
-- parameters: $of varchar, $since timestamp
-- returns: signal_id varchar, metric_id varchar, rule varchar, state varchar, mode varchar, first_at timestamp, last_at timestamp, detected_at timestamp, score double, direction varchar, value double, center double, lower double, upper double, rate double, evidence varchar, answer varchar, answered_by varchar, answered_at timestamp, answered_for varchar
select
    signals.signal_id,
    signals.metric_id,
    signals.rule,
    signals.state,
    signals.mode,
    signals.first_at,
    signals.last_at,
    signals.detected_at,
    signals.score,
    signals.direction,
    signals.value,
    signals.center,
    signals.lower,
    signals.upper,
    signals.rate,
    signals.evidence,
    answers.answer,
    answers.actor as answered_by,
    answers.answered_at,
    answers.reason as answered_for
from latest_signals as signals
left join latest_signal_answers as answers on signals.signal_id = answers.signal_id
where
    ($of = '' or signals.metric_id = $of or signals.signal_id = $of)
    and (signals.state = 'open' or signals.last_at >= $since)
order by signals.state = 'open' desc, signals.last_at desc, signals.signal_id
