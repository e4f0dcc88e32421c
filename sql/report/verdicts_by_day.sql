-- How many mails had each verdict on each day, at each host? From the daily statistics.
-- columns: day text, host text, verdict text, mails number
select day, host,
    name as verdict,
    sum(count) as mails
from daily
where name not like 'rows:%'
    and name not in ('never_retried', 'passed_by_policy', 'deferred_by_policy')
group by day, host, name
order by day desc, host, mails desc, verdict
limit 1000;
