-- Which domains are auto-whitelisted at the most sources? These are large senders with many servers.
-- columns: sender_domain text, sources number
select sender_domain,
    count(*) as sources
from domain_awl
group by sender_domain
having count(*) > 1
order by sources desc, sender_domain
limit 100;
