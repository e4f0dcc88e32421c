-- Which triplets wait now, the longest first? Those older than 24 hours (max_connect_age) no longer count.
-- columns: since text, minutes number, src text, sender_name text, sender_domain text, rcpt text
select first_seen as since,
    timestampdiff(minute, first_seen, now()) as minutes,
    src, sender_name, sender_domain, rcpt
from connect
where first_seen >= now() - interval 24 hour
    and src <> '*' and src not like '=%'
order by first_seen, src, sender_domain, sender_name, rcpt
limit 200;
