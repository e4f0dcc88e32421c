-- How many rows does each table have?
-- columns: what text, number_of_rows number
select 'connect: triplets that wait' as what, count(*) as number_of_rows
from connect
union all
select 'from_awl: senders auto-whitelisted', count(*)
from from_awl
union all
select 'domain_awl: domains auto-whitelisted', count(*)
from domain_awl
limit 100;
