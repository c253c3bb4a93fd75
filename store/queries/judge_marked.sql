-- question: Of which data points did people decide something since a time: marks, stages, settings?
-- parameters: $since timestamp
-- returns: metric_id varchar
select metric_id from latest_point_marks
where marked_at >= $since and kind <> 'note'
union
select metric_id from latest_stage_events
where occurred_at >= $since and state <> 'proposed'
union
select metric_id from latest_watch_events
where occurred_at >= $since
union
select metric_id from latest_signal_answers
where answered_at >= $since
