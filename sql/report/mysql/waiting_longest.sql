-- Which sender domains wait longest now? Good senders among them retry from another source, or too early and never again.
-- columns: sender_domain text, minutes number, triplets number, sources number
select sender_domain,
    max(timestampdiff(minute, first_seen, now())) as minutes,
    count(*) as triplets,
    count(distinct src) as sources
from connect
where first_seen >= now() - interval 24 hour
    and src <> '*' and src not like '=%'
group by sender_domain
order by minutes desc, sender_domain
limit 100;
