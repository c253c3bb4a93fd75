-- question: Which newest trials of the report checker went wrong since some time?
-- parameters: $since timestamp
-- returns: case_id varchar
select case_id
from latest_checker_trials
where not is_right and observed_at >= $since
order by case_id
