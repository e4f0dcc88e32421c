-- For which recipients do the most triplets wait?
-- columns: rcpt text, triplets number, sources number
select rcpt,
    count(*) as triplets,
    count(distinct src) as sources
from connect
where src <> '*' and src not like '=%'
group by rcpt
order by triplets desc, rcpt
limit 50;
