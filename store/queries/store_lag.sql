-- question: How many rows of every table has the store taken in, and up to which time?
-- returns: table_name varchar, rows bigint, latest_at timestamp
select
    table_name,
    sum(rows)::bigint as rows,
    max(last_at) as latest_at
from batch_tables
group by table_name
order by table_name
