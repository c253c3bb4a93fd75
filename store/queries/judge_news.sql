-- question: Which tables of data points and of what people decided about them were written since a batch, and from which time on?
-- parameters: $batch_no bigint
-- returns: table_name varchar, first_at timestamp, newest_batch bigint
select
    table_name,
    min(first_at) as first_at,
    max(batch_no) as newest_batch
from batch_tables
where
    batch_no > $batch_no
    and table_name in ('data_points', 'point_marks', 'stage_events', 'watch_events', 'signal_answers')
group by table_name
order by table_name
