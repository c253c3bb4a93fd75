-- question: How old is the data of every dataset, and is that acceptable?
-- returns: dataset_id varchar, state varchar, observed_at timestamp, landed_at timestamp, data_age_seconds double, message varchar
select
    dataset_id,
    state,
    observed_at,
    landed_at,
    data_age_seconds,
    message
from latest_freshness_checks
order by dataset_id
