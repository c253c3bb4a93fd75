-- question: How many rows does every table hold, and when was its newest fact observed?
-- returns: table_name varchar, rows bigint, latest_at timestamp
select
    touched.table_name,
    any_value(held.estimated_size)::bigint as rows,
    max(touched.last_at) as latest_at
from batch_tables as touched
inner join duckdb_tables() as held on touched.table_name = held.table_name
group by touched.table_name
order by touched.table_name
