-- question: What did people mark at one data point, or what is the mark of this id, as it stands now and who made it?
-- parameters: $of varchar
-- returns: mark_id varchar, metric_id varchar, kind varchar, from_at timestamp, to_at timestamp, marked_at timestamp, actor varchar, reason varchar, old_value double, new_value double, is_withdrawn boolean, made_at timestamp, made_by varchar, made_for varchar
with made as (
    select
        mark_id,
        min(marked_at) as made_at,
        arg_min(actor, marked_at) as made_by,
        arg_min(reason, marked_at) as made_for
    from point_marks
    where metric_id = $of or mark_id = $of
    group by mark_id
)

select
    newest.mark_id,
    newest.metric_id,
    newest.kind,
    newest.from_at,
    newest.to_at,
    newest.marked_at,
    newest.actor,
    newest.reason,
    newest.old_value,
    newest.new_value,
    newest.is_withdrawn,
    made.made_at,
    made.made_by,
    made.made_for
from latest_point_marks as newest
inner join made on newest.mark_id = made.mark_id
order by newest.from_at desc, newest.mark_id
