-- Which auto-whitelisted domains and senders expire within a week, unless they write (awl_age = 60 days)?
-- columns: expires text, src text, sender_domain text, sender_name text
select last_seen + interval 60 day as expires,
    src, sender_domain, sender_name
from (
    select last_seen, src, sender_domain, '' as sender_name
    from domain_awl
    union all
    select last_seen, src, sender_domain, sender_name
    from from_awl) as awl
where last_seen < now() - interval 53 day
order by awl.last_seen, src, sender_domain, sender_name
limit 200;
