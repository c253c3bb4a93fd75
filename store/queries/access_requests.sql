-- question: Which access requests did a person file, and where do they stand?
-- parameters: $requester_id varchar
-- returns: request_id varchar, asset_id varchar, entitlement varchar, state varchar, filed_at timestamp, changed_at timestamp, actor_id varchar, justification varchar, ends_on date, reason varchar
select
    newest.request_id,
    newest.asset_id,
    newest.entitlement,
    newest.state,
    filed.filed_at,
    newest.occurred_at as changed_at,
    newest.actor_id,
    newest.justification,
    newest.ends_on,
    newest.reason
from latest_request_events as newest
inner join (
    select
        request_id,
        min(occurred_at) as filed_at
    from request_events
    where requester_id = $requester_id
    group by request_id
) as filed on newest.request_id = filed.request_id
order by filed.filed_at desc
