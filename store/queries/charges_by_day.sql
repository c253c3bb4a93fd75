-- question: What did each service cost per day within a period, in one currency?
-- parameters: $first timestamp, $until timestamp, $currency varchar
-- returns: service_name varchar, day_at timestamp, billed_cost double, effective_cost double
select
    service_name,
    date_trunc('day', charge_period_start)::timestamp as day_at,
    sum(billed_cost)::double as billed_cost,
    sum(effective_cost)::double as effective_cost
from current_charges
where charge_period_start >= $first and charge_period_start < $until and billing_currency = $currency
group by all
order by service_name, day_at
