-- Who waits now, the longest first? Older than 24 hours (max_connect_age) does not count any more.
select datetime(first_seen, 'unixepoch', 'localtime') as since,
    (strftime('%s', 'now') - first_seen) / 60 as minutes,
    src, sender_name, sender_domain, rcpt
from connect
where first_seen >= strftime('%s', 'now') - 24 * 3600
order by first_seen, src, sender_domain, sender_name, rcpt
limit 200;
