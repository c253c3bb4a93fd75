-- question: Which maintenance windows of reports end after some time, who made them, and were they taken back?
-- parameters: $since timestamp
-- returns: window_id varchar, report_id varchar, occurred_at timestamp, begin_at timestamp, end_at timestamp, is_withdrawn boolean, actor varchar, reason varchar, made_at timestamp, made_by varchar, made_for varchar
with made as (
    select
        window_id,
        min(occurred_at) as made_at,
        arg_min(actor, occurred_at) as made_by,
        arg_min(reason, occurred_at) as made_for
    from maintenance_events
    group by window_id
)

select
    newest.window_id,
    newest.report_id,
    newest.occurred_at,
    newest.begin_at,
    newest.end_at,
    newest.is_withdrawn,
    newest.actor,
    newest.reason,
    made.made_at,
    made.made_by,
    made.made_for
from maintenance_events as newest
inner join made on newest.window_id = made.window_id
where newest.end_at >= $since
qualify row_number() over (partition by newest.window_id order by newest.occurred_at desc) = 1
order by newest.begin_at desc, newest.window_id
