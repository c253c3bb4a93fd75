-- question: Which batches could not be stored and wait for a person?
-- returns: set_aside_at timestamp, collector varchar, batch_id varchar, path varchar, problem varchar
select
    set_aside_at,
    collector,
    batch_id,
    path,
    problem
from set_aside_batches
order by set_aside_at desc
limit 200
