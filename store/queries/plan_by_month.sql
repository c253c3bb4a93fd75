-- question: What may each service cost in a month according to the plan in force?
-- parameters: $first timestamp, $until timestamp, $currency varchar
-- returns: service_name varchar, planned_cost double
select
    service_name,
    sum(planned_cost)::double as planned_cost
from current_plan_lines
where period_start >= $first::date and period_start < $until::date and billing_currency = $currency
group by service_name
order by service_name
