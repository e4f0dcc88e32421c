-- Which sources have the most waiting triplets? Many recipients and no retry is spam, or what connect_src_throttle is for.
select src,
    count(*) as triplets,
    count(distinct sender_domain) as sender_domains,
    count(distinct rcpt) as recipients
from connect
group by src
order by triplets desc, src
limit 50;
