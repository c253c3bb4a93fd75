-- question: From which bills were the charges of a month loaded?
-- parameters: $first timestamp, $until timestamp, $currency varchar
-- returns: source varchar
select source
from charge_loads
where billing_period_start >= $first and billing_period_start < $until and billing_currency = $currency
group by source, billing_period_start
having arg_max(rows, loaded_at) > 0
order by source
