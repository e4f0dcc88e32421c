-- Which sources have the most waiting triplets? Many recipients and no retries mean spam (see connect_src_throttle).
-- columns: src text, triplets number, sender_domains number, recipients number
select src,
    count(*) as triplets,
    count(distinct sender_domain) as sender_domains,
    count(distinct rcpt) as recipients
from connect
where src <> '*' and src not like '=%'
group by src
order by triplets desc, src
limit 50;
