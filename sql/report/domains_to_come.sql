-- Which domains have senders in from_awl, and how many? With group_domain_level of them at one source a domain is auto-whitelisted.
-- columns: sender_domain text, src text, senders number
select sender_domain, src,
    count(*) as senders
from from_awl
group by sender_domain, src
order by senders desc, sender_domain, src
limit 100;
