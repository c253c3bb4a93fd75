-- question: For which months and currencies are there charges?
-- returns: month_at timestamp, billing_currency varchar, billed_cost double, loaded_at timestamp
select
    date_trunc('month', billing_period_start)::timestamp as month_at,
    billing_currency,
    sum(billed_cost)::double as billed_cost,
    max(loaded_at) as loaded_at
from (
    select *
    from charge_loads
    qualify row_number() over (partition by source, billing_period_start order by loaded_at desc) = 1
)
where rows > 0
group by all
order by month_at desc, billing_currency
