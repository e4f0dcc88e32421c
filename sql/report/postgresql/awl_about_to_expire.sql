-- Which auto-whitelisted domains and senders expire within a week, unless they write (awl_age = 60 days)?
-- columns: expires text, src text, sender_domain text, sender_name text
select date_trunc('second', last_seen + interval '60 days') as expires,
    src, sender_domain, sender_name
from (
    select last_seen, src, sender_domain, '' as sender_name
    from domain_awl
    union all
    select last_seen, src, sender_domain, sender_name
    from from_awl) as awl
where last_seen < localtimestamp - interval '53 days'
order by awl.last_seen, src, sender_domain, sender_name
limit 200;
