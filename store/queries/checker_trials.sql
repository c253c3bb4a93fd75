-- question: Was the checker right when it was last tried on pages whose fault is known?
-- returns: case_id varchar, observed_at timestamp, is_right boolean, expected varchar, found varchar, seconds double, message varchar
select
    case_id,
    observed_at,
    is_right,
    expected,
    found,
    seconds,
    message
from latest_checker_trials
order by is_right, case_id
