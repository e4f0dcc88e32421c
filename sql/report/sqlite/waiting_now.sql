-- Which triplets wait now, the longest first? Those older than 24 hours (max_connect_age) no longer count.
-- columns: since text, minutes number, src text, sender_name text, sender_domain text, rcpt text
select datetime(first_seen, 'unixepoch', 'localtime') as since,
    (strftime('%s', 'now') - first_seen) / 60 as minutes,
    src, sender_name, sender_domain, rcpt
from connect
where first_seen >= strftime('%s', 'now') - 24 * 3600
    and src <> '*' and src not like '=%'
order by first_seen, src, sender_domain, sender_name, rcpt
limit 200;
