-- Which sender domains wait longest now? Good senders among them retry from another source, or too early and never again.
-- columns: sender_domain text, minutes number, triplets number, sources number
select sender_domain,
    max(floor(extract(epoch from localtimestamp - first_seen) / 60)) as minutes,
    count(*) as triplets,
    count(distinct src) as sources
from connect
where first_seen >= localtimestamp - interval '24 hours'
    and src <> '*' and src not like '=%'
group by sender_domain
order by minutes desc, sender_domain
limit 100;
