-- Which mail is retried from a different source each time (a pool of servers), so that it may never pass?
-- columns: sender_domain text, sender_name text, rcpt text, sources number
select sender_domain, sender_name, rcpt,
    count(*) as sources
from connect
where src not like '=%'
group by sender_domain, sender_name, rcpt
having count(*) > 1
order by sources desc, sender_domain, sender_name, rcpt
limit 100;
