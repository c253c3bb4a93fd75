-- question: Was the checker of reports right, each time it was last tried on a page whose fault is known?
-- returns: case_id varchar, observed_at timestamp, is_right boolean, expected varchar, found varchar, message varchar
select
    case_id,
    observed_at,
    is_right,
    expected,
    found,
    message
from latest_checker_trials
order by case_id
