-- How many rows did the tables have on each day? The most that a host counted; from the daily statistics.
-- columns: day text, what text, number_of_rows number
select day,
    name as what,
    max(count) as number_of_rows
from daily
where name like 'rows:%'
group by day, name
order by day desc, what
limit 1000;
