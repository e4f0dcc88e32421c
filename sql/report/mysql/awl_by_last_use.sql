-- When was each auto-whitelisted domain and sender last seen? A domain's row has no sender.
-- columns: last_used text, since text, src text, sender_domain text, sender_name text
select last_seen as last_used,
    first_seen as since,
    src, sender_domain, sender_name
from (
    select last_seen, first_seen, src, sender_domain, '' as sender_name
    from domain_awl
    union all
    select last_seen, first_seen, src, sender_domain, sender_name
    from from_awl) as awl
order by awl.last_seen desc, src, sender_domain, sender_name
limit 200;
