-- begin
begin;

-- begin_snapshot
begin;

-- commit
commit;

-- read_clock
select unix_timestamp();

-- look_up of the default settings, 2 rows
with k as (
    select 0 as n, :p0 as src, :p1 as sender_domain, :p2 as sender_name, :p3 as deverped, :p4 as rcpt
    union all select 1, :p5, :p6, :p7, :p8, :p9)
select k.n,
    unix_timestamp(),
    unix_timestamp(d.first_seen),
    unix_timestamp(d.last_seen),
    unix_timestamp(f.first_seen),
    unix_timestamp(f.last_seen),
    case when d.src is null and f.src is null then (select count(*) * 10000000000 + min(unix_timestamp(s.first_seen))
        from from_awl s
        where s.src = k.src and s.sender_domain = k.sender_domain) end,
    unix_timestamp(c.first_seen),
    (select max(e.expires_at) from expectation e
        where e.rcpt = case when d.src is null and f.src is null then k.rcpt end
            and (e.sender_domain = '' or e.sender_domain = k.sender_domain))
from k
left join domain_awl d
    on d.src = k.src
        and d.sender_domain = k.sender_domain
left join from_awl f
    on f.src = case when d.src is null then k.src end
        and f.sender_domain = k.sender_domain
        and f.sender_name = k.deverped
left join connect c
    on c.src = case when d.src is null and f.src is null then k.src end
        and c.sender_domain = k.sender_domain
        and c.sender_name = k.sender_name
        and c.rcpt = k.rcpt;

-- look_up of all parts, 2 rows
with k as (
    select 0 as n, :p0 as src, :p1 as sender_domain, :p2 as sender_name, :p3 as deverped, :p4 as rcpt, :p5 as retries, :p6 as counted, :p7 as client, :p8 as rcpt_domain, :p9 as rcpt_email
    union all select 1, :p10, :p11, :p12, :p13, :p14, :p15, :p16, :p17, :p18, :p19)
select k.n,
    unix_timestamp(),
    unix_timestamp(d.first_seen),
    unix_timestamp(d.last_seen),
    unix_timestamp(f.first_seen),
    unix_timestamp(f.last_seen),
    case when d.src is null and f.src is null then (select count(*) * 10000000000 + min(unix_timestamp(s.first_seen))
        from from_awl s
        where s.src = k.src and s.sender_domain = k.sender_domain) end,
    unix_timestamp(c.first_seen),
    (select count(*)
        from connect r
        where r.src = '*' and r.sender_domain = k.sender_domain
            and r.sender_name = case when d.src is null and f.src is null then k.retries end),
    (select unix_timestamp(max(r.first_seen))
        from connect r
        where r.src = '*' and r.sender_domain = k.sender_domain
            and r.sender_name = case when d.src is null and f.src is null then k.retries end),
    (select 1 from domain_awl s where s.src = case when d.src is null and f.src is null then k.counted end limit 1),
    case when not exists (select 1 from domain_awl s where s.src = case when d.src is null and f.src is null then k.counted end)
        then (select count(*) from connect s where s.src = case when d.src is null and f.src is null then k.counted end) end,
    case when not exists (select 1 from domain_awl s where s.src = case when d.src is null and f.src is null then k.counted end)
        then (select count(*) from from_awl s where s.src = case when d.src is null and f.src is null then k.counted end) end,
    a.passes,
    unix_timestamp(a.last_counted),
    unix_timestamp(a.last_seen),
    (select count(*) from optin_domain o where o.domain = k.rcpt_domain),
    (select count(*) from optin_email o where o.email = k.rcpt_email),
    (select count(*) from optout_domain o where o.domain = k.rcpt_domain),
    (select count(*) from optout_email o where o.email = k.rcpt_email),
    (select max(e.expires_at) from expectation e
        where e.rcpt = case when d.src is null and f.src is null then k.rcpt end
            and (e.sender_domain = '' or e.sender_domain = k.sender_domain))
from k
left join domain_awl d
    on d.src = k.src
        and d.sender_domain = k.sender_domain
left join from_awl f
    on f.src = case when d.src is null then k.src end
        and f.sender_domain = k.sender_domain
        and f.sender_name = k.deverped
left join connect c
    on c.src = case when d.src is null and f.src is null then k.src end
        and c.sender_domain = k.sender_domain
        and c.sender_name = k.sender_name
        and c.rcpt = k.rcpt
left join client_awl a
    on a.src = case when d.src is null and f.src is null then k.client end;

-- look_up of all parts, behind the auto-whitelists too, 2 rows
with k as (
    select 0 as n, :p0 as src, :p1 as sender_domain, :p2 as sender_name, :p3 as deverped, :p4 as rcpt, :p5 as retries, :p6 as counted, :p7 as client, :p8 as rcpt_domain, :p9 as rcpt_email
    union all select 1, :p10, :p11, :p12, :p13, :p14, :p15, :p16, :p17, :p18, :p19)
select k.n,
    unix_timestamp(),
    unix_timestamp(d.first_seen),
    unix_timestamp(d.last_seen),
    unix_timestamp(f.first_seen),
    unix_timestamp(f.last_seen),
    (select count(*) * 10000000000 + min(unix_timestamp(s.first_seen))
        from from_awl s
        where s.src = k.src and s.sender_domain = k.sender_domain),
    unix_timestamp(c.first_seen),
    (select count(*)
        from connect r
        where r.src = '*' and r.sender_domain = k.sender_domain
            and r.sender_name = k.retries),
    (select unix_timestamp(max(r.first_seen))
        from connect r
        where r.src = '*' and r.sender_domain = k.sender_domain
            and r.sender_name = k.retries),
    (select 1 from domain_awl s where s.src = k.counted limit 1),
    case when not exists (select 1 from domain_awl s where s.src = k.counted)
        then (select count(*) from connect s where s.src = k.counted) end,
    case when not exists (select 1 from domain_awl s where s.src = k.counted)
        then (select count(*) from from_awl s where s.src = k.counted) end,
    a.passes,
    unix_timestamp(a.last_counted),
    unix_timestamp(a.last_seen),
    (select count(*) from optin_domain o where o.domain = k.rcpt_domain),
    (select count(*) from optin_email o where o.email = k.rcpt_email),
    (select count(*) from optout_domain o where o.domain = k.rcpt_domain),
    (select count(*) from optout_email o where o.email = k.rcpt_email),
    (select max(e.expires_at) from expectation e
        where e.rcpt = k.rcpt
            and (e.sender_domain = '' or e.sender_domain = k.sender_domain))
from k
left join domain_awl d
    on d.src = k.src
        and d.sender_domain = k.sender_domain
left join from_awl f
    on f.src = k.src
        and f.sender_domain = k.sender_domain
        and f.sender_name = k.deverped
left join connect c
    on c.src = k.src
        and c.sender_domain = k.sender_domain
        and c.sender_name = k.sender_name
        and c.rcpt = k.rcpt
left join client_awl a
    on a.src = k.client;

-- put_connect, 2 rows
insert into connect (sender_name, sender_domain, src, rcpt, first_seen)
values (:p0, :p1, :p2, :p3, from_unixtime(:p4)),
       (:p5, :p6, :p7, :p8, from_unixtime(:p9))
on duplicate key update 
    first_seen = case when connect.first_seen < from_unixtime(:p10)
            or connect.first_seen > values(first_seen)
        then values(first_seen) else connect.first_seen end;

-- touch_domain_awl, 2 rows
update domain_awl
set first_seen = first_seen, last_seen = from_unixtime(:p0)
where (src = :p1 and sender_domain = :p2)
   or (src = :p3 and sender_domain = :p4);

-- touch_from_awl, 2 rows
update from_awl
set first_seen = first_seen, last_seen = from_unixtime(:p0)
where (src = :p1 and sender_domain = :p2 and sender_name = :p3)
   or (src = :p4 and sender_domain = :p5 and sender_name = :p6);

-- touch_client_awl, 2 rows
update client_awl
set first_seen = first_seen, last_seen = from_unixtime(:p0)
where (src = :p1)
   or (src = :p2);

-- count_retry, 2 rows
insert into client_awl (src, passes, last_counted, first_seen, last_seen)
values (:p0, :p1, from_unixtime(:p2), from_unixtime(:p3), from_unixtime(:p4)),
       (:p5, :p6, from_unixtime(:p7), from_unixtime(:p8), from_unixtime(:p9))
on duplicate key update 
    passes = case when client_awl.last_seen < from_unixtime(:p10) then 1
        when client_awl.last_counted <= from_unixtime(:p11)
            or client_awl.last_counted > values(last_counted)
        then client_awl.passes + 1 else client_awl.passes end,
    last_counted = case when client_awl.last_seen < from_unixtime(:p12)
            or client_awl.last_counted <= from_unixtime(:p13)
            or client_awl.last_counted > values(last_counted)
        then values(last_counted) else client_awl.last_counted end,
    first_seen = client_awl.first_seen, last_seen = values(last_seen);

-- put_from_awl, 2 rows
insert into from_awl (sender_name, sender_domain, src, first_seen, last_seen)
values (:p0, :p1, :p2, from_unixtime(:p3), from_unixtime(:p4)),
       (:p5, :p6, :p7, from_unixtime(:p8), from_unixtime(:p9))
on duplicate key update first_seen = values(first_seen), last_seen = values(last_seen);

-- forget_connect_of_sender, 2 rows
delete from connect
where (src = :p0 and sender_domain = :p1 and sender_name like :p2 escape '!')
   or (src = :p3 and sender_domain = :p4 and sender_name like :p5 escape '!')
limit 10000;

-- put_domain_awl, 2 rows
insert into domain_awl (sender_domain, src, first_seen, last_seen)
values (:p0, :p1, from_unixtime(:p2), from_unixtime(:p3)),
       (:p4, :p5, from_unixtime(:p6), from_unixtime(:p7))
on duplicate key update first_seen = values(first_seen), last_seen = values(last_seen);

-- forget_from_awl_of_domain, 2 rows
delete from from_awl
where (src = :p0 and sender_domain = :p1)
   or (src = :p2 and sender_domain = :p3);

-- forget_connect_of_domain, 2 rows
delete from connect
where (src = :p0 and sender_domain = :p1)
   or (src = :p2 and sender_domain = :p3)
limit 10000;

-- remember_pool, 2 rows
insert into pool (member, pool, evidence, first_seen, last_seen)
values (:p0, :p1, :p2, from_unixtime(:p3), from_unixtime(:p4)),
       (:p5, :p6, :p7, from_unixtime(:p8), from_unixtime(:p9))
on duplicate key update 
    pool = case when pool.last_seen < from_unixtime(:p10) or pool.pool = values(pool)
        then values(pool) else '' end,
    first_seen = case when pool.last_seen < from_unixtime(:p11) then values(first_seen)
        else pool.first_seen end,
    evidence = values(evidence), last_seen = values(last_seen);

-- look_up_elsewhere of the default settings, 2 rows
with k as (
    select 0 as n, :p0 as src, :p1 as sender_domain, :p2 as sender_name, :p3 as deverped, :p4 as rcpt, :p5 as member
    union all select 1, :p6, :p7, :p8, :p9, :p10, :p11)
select k.n,
    p.pool,
    unix_timestamp(p.last_seen),
    unix_timestamp(d.first_seen),
    unix_timestamp(d.last_seen),
    unix_timestamp(f.first_seen),
    unix_timestamp(f.last_seen),
    (select count(*) * 10000000000 + min(unix_timestamp(s.first_seen))
        from from_awl s
        where s.src = case when k.src <> '' then k.src else p.pool end and s.sender_domain = k.sender_domain),
    unix_timestamp(c.first_seen)
from k
left join pool p
    on p.member = k.member
left join domain_awl d
    on d.src = case when k.src <> '' then k.src else p.pool end
        and d.sender_domain = k.sender_domain
left join from_awl f
    on f.src = case when k.src <> '' then k.src else p.pool end
        and f.sender_domain = k.sender_domain
        and f.sender_name = k.deverped
left join connect c
    on c.src = case when k.src <> '' then k.src else p.pool end
        and c.sender_domain = k.sender_domain
        and c.sender_name = k.sender_name
        and c.rcpt = k.rcpt;

-- look_up_elsewhere of all parts, 2 rows
with k as (
    select 0 as n, :p0 as src, :p1 as sender_domain, :p2 as sender_name, :p3 as deverped, :p4 as rcpt, :p5 as member, :p6 as counted, :p7 as client
    union all select 1, :p8, :p9, :p10, :p11, :p12, :p13, :p14, :p15)
select k.n,
    p.pool,
    unix_timestamp(p.last_seen),
    unix_timestamp(d.first_seen),
    unix_timestamp(d.last_seen),
    unix_timestamp(f.first_seen),
    unix_timestamp(f.last_seen),
    (select count(*) * 10000000000 + min(unix_timestamp(s.first_seen))
        from from_awl s
        where s.src = case when k.src <> '' then k.src else p.pool end and s.sender_domain = k.sender_domain),
    unix_timestamp(c.first_seen),
    (select 1 from domain_awl s where s.src = k.counted limit 1),
    case when not exists (select 1 from domain_awl s where s.src = k.counted)
        then (select count(*) from connect s where s.src = k.counted) end,
    case when not exists (select 1 from domain_awl s where s.src = k.counted)
        then (select count(*) from from_awl s where s.src = k.counted) end,
    a.passes,
    unix_timestamp(a.last_counted),
    unix_timestamp(a.last_seen)
from k
left join pool p
    on p.member = k.member
left join domain_awl d
    on d.src = case when k.src <> '' then k.src else p.pool end
        and d.sender_domain = k.sender_domain
left join from_awl f
    on f.src = case when k.src <> '' then k.src else p.pool end
        and f.sender_domain = k.sender_domain
        and f.sender_name = k.deverped
left join connect c
    on c.src = case when k.src <> '' then k.src else p.pool end
        and c.sender_domain = k.sender_domain
        and c.sender_name = k.sender_name
        and c.rcpt = k.rcpt
left join client_awl a
    on a.src = k.client;

-- look_up_letters, 2 rows
with k as (
    select 0 as n, :p0 as sender_domain, :p1 as sender_name
    union all select 1, :p2, :p3)
select k.n, c.rcpt, unix_timestamp(c.first_seen)
from k
left join connect c
    on c.src = '*' and c.sender_domain = k.sender_domain and c.sender_name = k.sender_name;

-- look_up_facts, 2 rows
with k as (
    select 0 as n, :p0 as client, :p1 as domain, :p2 as address
    union all select 1, :p3, :p4, :p5)
select k.n, unix_timestamp(), pair.about, f.source, f.value, f.expires_at,
    case when pair.about = 1 then (
        select case when s.last_address >= k.address then s.expires_at else 0 end
        from spf_network s
        where s.domain = k.domain and s.first_address <= k.address
        order by s.first_address desc limit 1) end
from k
cross join (select 0 as about union all select 1 union all select 2) pair
left join fact f
    on f.client = case when pair.about = 2 then '' else k.client end
        and f.domain = case when pair.about = 0 then '' else nullif(k.domain, '') end;

-- any_pool
select count(*) from (select 1 as n from pool limit 1) p;

-- crowds
select src
from organisation
where crowd = 1
limit 10000;

-- read_config
select value from config where parameter = :p0;

-- swap_config
update config set value = :p0
where parameter = :p1 and value = :p2;

-- add_config
insert into config (parameter, value)
values (:p0, :p1)
on duplicate key update value = config.value;

-- put_config
insert into config (parameter, value)
values (:p0, :p1)
on duplicate key update value = values(value);

-- slice_end_connect
select unix_timestamp(first_seen)
from connect
where first_seen < from_unixtime(:p0)
order by first_seen
limit 1 offset :p1;

-- never_retried
select src, sender_name, sender_domain, rcpt, cast(first_seen as char)
from connect
where first_seen < from_unixtime(:p0)
order by first_seen;

-- expire_connect
delete from connect
where first_seen < from_unixtime(:p0);

-- slice_end_from_awl
select unix_timestamp(last_seen)
from from_awl
where last_seen < from_unixtime(:p0)
order by last_seen
limit 1 offset :p1;

-- expire_from_awl
delete from from_awl
where last_seen < from_unixtime(:p0);

-- slice_end_domain_awl
select unix_timestamp(last_seen)
from domain_awl
where last_seen < from_unixtime(:p0)
order by last_seen
limit 1 offset :p1;

-- expire_domain_awl
delete from domain_awl
where last_seen < from_unixtime(:p0);

-- slice_end_client_awl
select unix_timestamp(last_seen)
from client_awl
where last_seen < from_unixtime(:p0)
order by last_seen
limit 1 offset :p1;

-- expire_client_awl
delete from client_awl
where last_seen < from_unixtime(:p0);

-- slice_end_expectation
select expires_at
from expectation
where expires_at < :p0
order by expires_at
limit 1 offset :p1;

-- expire_expectation
delete from expectation
where expires_at < :p0;

-- slice_end_pool
select unix_timestamp(last_seen)
from pool
where last_seen < from_unixtime(:p0)
order by last_seen
limit 1 offset :p1;

-- expire_pool
delete from pool
where last_seen < from_unixtime(:p0);

-- slice_end_lists
select unix_timestamp(expires_at)
from lists
where expires_at < from_unixtime(:p0)
order by expires_at
limit 1 offset :p1;

-- expire_lists
delete from lists
where expires_at < from_unixtime(:p0);

-- slice_end_fact
select expires_at
from fact
where expires_at < :p0
order by expires_at
limit 1 offset :p1;

-- expire_fact
delete from fact
where expires_at < :p0;

-- slice_end_spf_network
select expires_at
from spf_network
where expires_at < :p0
order by expires_at
limit 1 offset :p1;

-- expire_spf_network
delete from spf_network
where expires_at < :p0;

-- counted_pools
select src, never_came_back, came_back, unix_timestamp(halved_at), crowd
from organisation
order by src;

-- rows_of_pool
select (select count(*) from from_awl f where f.src = :p0)
    + (select count(*) from domain_awl d where d.src = :p1);

-- put_organisation, 2 rows
insert into organisation (src, never_came_back, came_back, halved_at, crowd)
values (:p0, :p1, :p2, from_unixtime(:p3), :p4),
       (:p5, :p6, :p7, from_unixtime(:p8), :p9)
on duplicate key update 
    never_came_back = values(never_came_back),
    came_back = values(came_back),
    halved_at = values(halved_at),
    crowd = values(crowd);

-- forget_organisations
delete from organisation
where never_came_back = 0 and crowd = 0;

-- read_asked, 2 rows
with k as (
    select 0 as n, :p0 as client, :p1 as domain
    union all select 1, :p2, :p3)
select k.n, f.value, f.expires_at
from k
left join fact f
    on f.client = k.client and f.domain = k.domain and f.source = 'asked';

-- claim_fact, 2 rows
insert into fact (client, domain, source, value, expires_at)
values (:p0, :p1, :p2, :p3, :p4),
       (:p5, :p6, :p7, :p8, :p9)
on duplicate key update 
    value = case when fact.expires_at <= :p10 then values(value) else fact.value end,
    expires_at = case when fact.expires_at <= :p11 then values(expires_at) else fact.expires_at end;

-- read_facts, 2 rows
with k as (
    select 0 as n, :p0 as client, :p1 as domain
    union all select 1, :p2, :p3)
select k.n, f.source, f.value, f.expires_at
from k
left join fact f
    on f.client = k.client and f.domain = k.domain;

-- put_fact, 2 rows
insert into fact (client, domain, source, value, expires_at)
values (:p0, :p1, :p2, :p3, :p4),
       (:p5, :p6, :p7, :p8, :p9)
on duplicate key update 
    value = values(value), expires_at = values(expires_at);

-- forget_spf_networks, 2 rows
delete from spf_network
where (domain = :p0)
   or (domain = :p1);

-- put_spf_network, 2 rows
insert into spf_network (domain, first_address, last_address, expires_at)
values (:p0, :p1, :p2, :p3),
       (:p4, :p5, :p6, :p7)
on duplicate key update 
    last_address = values(last_address), expires_at = values(expires_at);

-- put_daily, 2 rows
insert into daily (day, host, name, run, count)
values (:p0, :p1, :p2, :p3, :p4),
       (:p5, :p6, :p7, :p8, :p9)
on duplicate key update 
    count = case when daily.count > values(count) then daily.count else values(count) end;

-- put_daily_delay, 2 rows
insert into daily_delay (day, host, up_to, run, count)
values (:p0, :p1, :p2, :p3, :p4),
       (:p5, :p6, :p7, :p8, :p9)
on duplicate key update 
    count = case when daily_delay.count > values(count) then daily_delay.count else values(count) end;

-- oldest_day
select min(day)
from daily
where day < :p0;

-- forget_daily
delete from daily
where day = :p0;

-- oldest_day_of_delays
select min(day)
from daily_delay
where day < :p0;

-- forget_daily_delay
delete from daily_delay
where day = :p0;

-- read_daily
select day, host, name, case when name like 'rows:%' then max(count) else sum(count) end
from daily
where day >= :p0
group by day, host, name
order by day, host, name;

-- read_daily_delay
select day, host, up_to, sum(count)
from daily_delay
where day >= :p0
group by day, host, up_to
order by day, host, up_to;

-- list_rows
select id, list, entry
from lists
where expires_at is null or expires_at > from_unixtime(:p0)
order by id;

-- count_hits
update lists set hits = hits + :p0, last_hit = from_unixtime(:p1)
where id = :p2;

-- waiting_between
select src, sender_domain, sender_name, rcpt, unix_timestamp(first_seen)
from connect
where first_seen >= from_unixtime(:p0) and first_seen <= from_unixtime(:p1)
order by first_seen
limit :p2;

-- import_look_up_senders, 2 rows
with k as (
    select 0 as n, :p0 as src, :p1 as sender_domain, :p2 as sender_name
    union all select 1, :p3, :p4, :p5)
select k.n, unix_timestamp(d.last_seen),
    unix_timestamp(f.first_seen), unix_timestamp(f.last_seen)
from k
left join domain_awl d
    on d.src = k.src and d.sender_domain = k.sender_domain
left join from_awl f
    on f.src = k.src and f.sender_domain = k.sender_domain and f.sender_name = k.sender_name;

-- import_put_senders, 2 rows
insert into from_awl (sender_name, sender_domain, src, first_seen, last_seen)
values (:p0, :p1, :p2, from_unixtime(:p3), from_unixtime(:p4)),
       (:p5, :p6, :p7, from_unixtime(:p8), from_unixtime(:p9))
on duplicate key update 
    first_seen = case when from_awl.first_seen < values(first_seen) then from_awl.first_seen else values(first_seen) end,
    last_seen = case when from_awl.last_seen > values(last_seen) then from_awl.last_seen else values(last_seen) end;

-- import_look_up_triplets, 2 rows
with k as (
    select 0 as n, :p0 as src, :p1 as sender_domain, :p2 as sender_name, :p3 as rcpt
    union all select 1, :p4, :p5, :p6, :p7)
select k.n, unix_timestamp(c.first_seen)
from k
left join connect c
    on c.src = k.src and c.sender_domain = k.sender_domain and c.sender_name = k.sender_name and c.rcpt = k.rcpt;

-- import_put_triplets, 2 rows
insert into connect (sender_name, sender_domain, src, rcpt, first_seen)
values (:p0, :p1, :p2, :p3, from_unixtime(:p4)),
       (:p5, :p6, :p7, :p8, from_unixtime(:p9))
on duplicate key update 
    first_seen = case when connect.first_seen >= from_unixtime(:p10)
            and connect.first_seen < values(first_seen)
        then connect.first_seen else values(first_seen) end;

-- import_look_up_clients, 2 rows
with k as (
    select 0 as n, :p0 as src
    union all select 1, :p1)
select k.n, a.passes, unix_timestamp(a.first_seen), unix_timestamp(a.last_seen)
from k
left join client_awl a
    on a.src = k.src;

-- import_put_clients, 2 rows
insert into client_awl (src, passes, last_counted, first_seen, last_seen)
values (:p0, :p1, from_unixtime(:p2), from_unixtime(:p3), from_unixtime(:p4)),
       (:p5, :p6, from_unixtime(:p7), from_unixtime(:p8), from_unixtime(:p9))
on duplicate key update 
    passes = case when client_awl.last_seen >= from_unixtime(:p10)
            and client_awl.passes > values(passes)
        then client_awl.passes else values(passes) end,
    last_counted = case when client_awl.last_counted > values(last_counted) then client_awl.last_counted else values(last_counted) end,
    first_seen = case when client_awl.first_seen < values(first_seen) then client_awl.first_seen else values(first_seen) end,
    last_seen = case when client_awl.last_seen > values(last_seen) then client_awl.last_seen else values(last_seen) end;

-- admin_sorted of connect
select src, sender_domain, sender_name, rcpt, unix_timestamp(first_seen)
from connect
where src <> '*' and src not like '=%'
order by first_seen desc
limit :p0;

-- admin_sorted of from_awl
select src, sender_domain, sender_name, unix_timestamp(first_seen), unix_timestamp(last_seen)
from from_awl
order by last_seen desc
limit :p0;

-- admin_sorted of domain_awl
select src, sender_domain, unix_timestamp(first_seen), unix_timestamp(last_seen)
from domain_awl
order by last_seen desc
limit :p0;

-- admin_sorted of client_awl
select src, passes, unix_timestamp(last_counted), unix_timestamp(first_seen), unix_timestamp(last_seen)
from client_awl
order by last_seen desc
limit :p0;

-- admin_sorted of optin_domain
select domain
from optin_domain
order by domain
limit :p0;

-- admin_sorted of optin_email
select email
from optin_email
order by email
limit :p0;

-- admin_sorted of optout_domain
select domain
from optout_domain
order by domain
limit :p0;

-- admin_sorted of optout_email
select email
from optout_email
order by email
limit :p0;

-- admin_sorted of lists
select list, entry, id, reason, added_by, unix_timestamp(added_at), unix_timestamp(expires_at), hits, unix_timestamp(last_hit)
from lists
order by added_at desc
limit :p0;

-- admin_sorted of expectation
select rcpt, sender_domain, expires_at, added_by, reason
from expectation
order by expires_at desc
limit :p0;

-- admin_sorted of pool
select member, pool, evidence, unix_timestamp(first_seen), unix_timestamp(last_seen)
from pool
order by last_seen desc
limit :p0;

-- admin_sorted of organisation
select src, never_came_back, came_back, unix_timestamp(halved_at), crowd
from organisation
order by src
limit :p0;

-- admin_sorted of daily
select day, host, name, run, count
from daily
order by day
limit :p0;

-- admin_sorted of daily_delay
select day, host, up_to, run, count
from daily_delay
order by day
limit :p0;

-- admin_sorted of fact
select client, domain, source, value, expires_at
from fact
order by expires_at desc
limit :p0;

-- admin_sorted of spf_network
select domain, first_address, last_address, expires_at
from spf_network
order by expires_at desc
limit :p0;

-- admin_sorted of connect with filters
select src, sender_domain, sender_name, rcpt, unix_timestamp(first_seen)
from connect
where src in (:p0, :p1, :p2, :p3, :p4, :p5, :p6, :p7)
    and sender_domain = :p8
    and sender_name = :p9
    and rcpt = :p10
    and first_seen >= from_unixtime(:p11)
    and src <> '*' and src not like '=%'
order by first_seen desc
limit :p12;

-- admin_sorted of connect for a domain, by sender
select src, sender_domain, sender_name, rcpt, unix_timestamp(first_seen)
from connect
where rcpt like :p0 escape '!'
    and src <> '*' and src not like '=%'
order by sender_domain, sender_name
limit :p1;

-- admin_page of connect, the first
select src, sender_domain, sender_name, rcpt, unix_timestamp(first_seen)
from connect
order by src, sender_domain, sender_name, rcpt
limit :p0;

-- admin_page of connect with filters, a later one
select src, sender_domain, sender_name, rcpt, unix_timestamp(first_seen)
from connect
where src in (:p0, :p1, :p2, :p3, :p4, :p5, :p6, :p7)
    and sender_domain = :p8
    and sender_name = :p9
    and rcpt = :p10
    and first_seen >= from_unixtime(:p11)
    and src >= :p12 and (src > :p13 or (src = :p14 and (sender_domain > :p15 or (sender_domain = :p16 and (sender_name > :p17 or (sender_name = :p18 and (rcpt > :p19)))))))
order by src, sender_domain, sender_name, rcpt
limit :p20;

-- admin_page of daily_delay, a later one
select day, host, up_to, run, count
from daily_delay
where day >= :p0 and (day > :p1 or (day = :p2 and (host > :p3 or (host = :p4 and (up_to > :p5 or (up_to = :p6 and (run > :p7)))))))
order by day, host, up_to, run
limit :p8;

-- admin_page of lists, a later one
select list, entry, id, reason, added_by, unix_timestamp(added_at), unix_timestamp(expires_at), hits, unix_timestamp(last_hit)
from lists
where list >= :p0 and (list > :p1 or (list = :p2 and (entry > :p3)))
order by list, entry
limit :p4;

-- admin_pools
select x.src, max(x.networks), max(x.seen), max(x.never), max(x.crowd)
from (select pool as src, count(*) as networks,
        unix_timestamp(max(last_seen)) as seen, 0 as never, 0 as crowd
    from pool
    where pool <> ''
    group by pool
    union all
    select src, 0, 0, never_came_back, crowd
    from organisation) x
group by x.src
order by max(x.seen) desc, x.src
limit :p0;

-- admin_pools with filters, by client
select x.src, max(x.networks), max(x.seen), max(x.never), max(x.crowd)
from (select pool as src, count(*) as networks,
        unix_timestamp(max(last_seen)) as seen, 0 as never, 0 as crowd
    from pool
    where pool <> '' and pool in (:p0, :p1, :p2, :p3, :p4, :p5, :p6, :p7)
    group by pool
    union all
    select src, 0, 0, never_came_back, crowd
    from organisation
    where src in (:p8, :p9, :p10, :p11, :p12, :p13, :p14, :p15)) x
group by x.src
having max(x.seen) >= :p16
order by x.src
limit :p17;

-- admin_count of connect
select count(*) from connect;

-- admin_count of from_awl
select count(*) from from_awl;

-- admin_count of domain_awl
select count(*) from domain_awl;

-- admin_count of client_awl
select count(*) from client_awl;

-- admin_count of optin_domain
select count(*) from optin_domain;

-- admin_count of optin_email
select count(*) from optin_email;

-- admin_count of optout_domain
select count(*) from optout_domain;

-- admin_count of optout_email
select count(*) from optout_email;

-- admin_count of lists
select count(*) from lists;

-- admin_count of expectation
select count(*) from expectation;

-- admin_count of pool
select count(*) from pool;

-- admin_count of organisation
select count(*) from organisation;

-- admin_count of daily
select count(*) from daily;

-- admin_count of daily_delay
select count(*) from daily_delay;

-- admin_count of fact
select count(*) from fact;

-- admin_count of spf_network
select count(*) from spf_network;

-- admin_waiting
select count(*) from connect
where src <> '*' and src not like '=%';

-- admin_erase of connect, 2 rows
delete from connect
where (src = :p0 and sender_domain = :p1 and sender_name = :p2 and rcpt = :p3)
   or (src = :p4 and sender_domain = :p5 and sender_name = :p6 and rcpt = :p7);

-- admin_erase of from_awl, 2 rows
delete from from_awl
where (src = :p0 and sender_domain = :p1 and sender_name = :p2)
   or (src = :p3 and sender_domain = :p4 and sender_name = :p5);

-- admin_erase of domain_awl, 2 rows
delete from domain_awl
where (src = :p0 and sender_domain = :p1)
   or (src = :p2 and sender_domain = :p3);

-- admin_erase of client_awl, 2 rows
delete from client_awl
where (src = :p0)
   or (src = :p1);

-- admin_erase of optin_domain, 2 rows
delete from optin_domain
where (domain = :p0)
   or (domain = :p1);

-- admin_erase of optin_email, 2 rows
delete from optin_email
where (email = :p0)
   or (email = :p1);

-- admin_erase of optout_domain, 2 rows
delete from optout_domain
where (domain = :p0)
   or (domain = :p1);

-- admin_erase of optout_email, 2 rows
delete from optout_email
where (email = :p0)
   or (email = :p1);

-- admin_erase of lists, 2 rows
delete from lists
where (list = :p0 and entry = :p1)
   or (list = :p2 and entry = :p3);

-- admin_erase of expectation, 2 rows
delete from expectation
where (rcpt = :p0 and sender_domain = :p1)
   or (rcpt = :p2 and sender_domain = :p3);

-- admin_erase of pool, 2 rows
delete from pool
where (member = :p0)
   or (member = :p1);

-- admin_erase of organisation, 2 rows
delete from organisation
where (src = :p0)
   or (src = :p1);

-- admin_erase of daily, 2 rows
delete from daily
where (day = :p0 and host = :p1 and name = :p2 and run = :p3)
   or (day = :p4 and host = :p5 and name = :p6 and run = :p7);

-- admin_erase of daily_delay, 2 rows
delete from daily_delay
where (day = :p0 and host = :p1 and up_to = :p2 and run = :p3)
   or (day = :p4 and host = :p5 and up_to = :p6 and run = :p7);

-- admin_erase of fact, 2 rows
delete from fact
where (client = :p0 and domain = :p1 and source = :p2)
   or (client = :p3 and domain = :p4 and source = :p5);

-- admin_erase of spf_network, 2 rows
delete from spf_network
where (domain = :p0 and first_address = :p1)
   or (domain = :p2 and first_address = :p3);

-- admin_move_back, 2 rows
update connect
set first_seen = case when first_seen > from_unixtime(:p0)
    then from_unixtime(:p1) else first_seen end
where (src = :p2 and sender_domain = :p3 and sender_name = :p4 and rcpt = :p5)
   or (src = :p6 and sender_domain = :p7 and sender_name = :p8 and rcpt = :p9);

-- admin_put of connect, 2 rows
insert into connect (src, sender_domain, sender_name, rcpt, first_seen)
values (:p0, :p1, :p2, :p3, from_unixtime(:p4)),
       (:p5, :p6, :p7, :p8, from_unixtime(:p9))
on duplicate key update 
    first_seen = case when connect.first_seen < values(first_seen) then connect.first_seen else values(first_seen) end;

-- admin_put of from_awl, 2 rows
insert into from_awl (src, sender_domain, sender_name, first_seen, last_seen)
values (:p0, :p1, :p2, from_unixtime(:p3), from_unixtime(:p4)),
       (:p5, :p6, :p7, from_unixtime(:p8), from_unixtime(:p9))
on duplicate key update 
    first_seen = case when from_awl.first_seen < values(first_seen) then from_awl.first_seen else values(first_seen) end,
    last_seen = case when from_awl.last_seen > values(last_seen) then from_awl.last_seen else values(last_seen) end;

-- admin_put of domain_awl, 2 rows
insert into domain_awl (src, sender_domain, first_seen, last_seen)
values (:p0, :p1, from_unixtime(:p2), from_unixtime(:p3)),
       (:p4, :p5, from_unixtime(:p6), from_unixtime(:p7))
on duplicate key update 
    first_seen = case when domain_awl.first_seen < values(first_seen) then domain_awl.first_seen else values(first_seen) end,
    last_seen = case when domain_awl.last_seen > values(last_seen) then domain_awl.last_seen else values(last_seen) end;

-- admin_put of client_awl, 2 rows
insert into client_awl (src, passes, last_counted, first_seen, last_seen)
values (:p0, :p1, from_unixtime(:p2), from_unixtime(:p3), from_unixtime(:p4)),
       (:p5, :p6, from_unixtime(:p7), from_unixtime(:p8), from_unixtime(:p9))
on duplicate key update 
    passes = case when client_awl.passes > values(passes) then client_awl.passes else values(passes) end,
    last_counted = case when client_awl.last_counted > values(last_counted) then client_awl.last_counted else values(last_counted) end,
    first_seen = case when client_awl.first_seen < values(first_seen) then client_awl.first_seen else values(first_seen) end,
    last_seen = case when client_awl.last_seen > values(last_seen) then client_awl.last_seen else values(last_seen) end;

-- admin_put of optin_domain, 2 rows
insert into optin_domain (domain)
values (:p0),
       (:p1)
on duplicate key update domain = values(domain);

-- admin_put of optin_email, 2 rows
insert into optin_email (email)
values (:p0),
       (:p1)
on duplicate key update email = values(email);

-- admin_put of optout_domain, 2 rows
insert into optout_domain (domain)
values (:p0),
       (:p1)
on duplicate key update domain = values(domain);

-- admin_put of optout_email, 2 rows
insert into optout_email (email)
values (:p0),
       (:p1)
on duplicate key update email = values(email);

-- admin_put of lists, 2 rows
insert into lists (list, entry, reason, added_by, added_at, expires_at, hits, last_hit)
values (:p0, :p1, :p2, :p3, from_unixtime(:p4), from_unixtime(nullif(:p5, 0)), :p6, from_unixtime(nullif(:p7, 0))),
       (:p8, :p9, :p10, :p11, from_unixtime(:p12), from_unixtime(nullif(:p13, 0)), :p14, from_unixtime(nullif(:p15, 0)))
on duplicate key update 
    reason = values(reason),
    added_by = values(added_by),
    added_at = values(added_at),
    expires_at = values(expires_at),
    hits = case when lists.hits > values(hits) then lists.hits else values(hits) end,
    last_hit = values(last_hit);

-- admin_put of expectation, 2 rows
insert into expectation (rcpt, sender_domain, expires_at, added_by, reason)
values (:p0, :p1, :p2, :p3, :p4),
       (:p5, :p6, :p7, :p8, :p9)
on duplicate key update 
    expires_at = values(expires_at),
    added_by = values(added_by),
    reason = values(reason);

-- admin_put of pool, 2 rows
insert into pool (member, pool, evidence, first_seen, last_seen)
values (:p0, :p1, :p2, from_unixtime(:p3), from_unixtime(:p4)),
       (:p5, :p6, :p7, from_unixtime(:p8), from_unixtime(:p9))
on duplicate key update 
    pool = values(pool),
    evidence = values(evidence),
    first_seen = case when pool.first_seen < values(first_seen) then pool.first_seen else values(first_seen) end,
    last_seen = case when pool.last_seen > values(last_seen) then pool.last_seen else values(last_seen) end;

-- admin_put of organisation, 2 rows
insert into organisation (src, never_came_back, came_back, halved_at, crowd)
values (:p0, :p1, :p2, from_unixtime(:p3), :p4),
       (:p5, :p6, :p7, from_unixtime(:p8), :p9)
on duplicate key update 
    never_came_back = case when organisation.never_came_back > values(never_came_back) then organisation.never_came_back else values(never_came_back) end,
    came_back = case when organisation.came_back > values(came_back) then organisation.came_back else values(came_back) end,
    halved_at = case when organisation.halved_at > values(halved_at) then organisation.halved_at else values(halved_at) end,
    crowd = values(crowd);

-- admin_put of daily, 2 rows
insert into daily (day, host, name, run, count)
values (:p0, :p1, :p2, :p3, :p4),
       (:p5, :p6, :p7, :p8, :p9)
on duplicate key update 
    count = case when daily.count > values(count) then daily.count else values(count) end;

-- admin_put of daily_delay, 2 rows
insert into daily_delay (day, host, up_to, run, count)
values (:p0, :p1, :p2, :p3, :p4),
       (:p5, :p6, :p7, :p8, :p9)
on duplicate key update 
    count = case when daily_delay.count > values(count) then daily_delay.count else values(count) end;

-- admin_put of fact, 2 rows
insert into fact (client, domain, source, value, expires_at)
values (:p0, :p1, :p2, :p3, :p4),
       (:p5, :p6, :p7, :p8, :p9)
on duplicate key update 
    value = values(value),
    expires_at = values(expires_at);

-- admin_put of spf_network, 2 rows
insert into spf_network (domain, first_address, last_address, expires_at)
values (:p0, :p1, :p2, :p3),
       (:p4, :p5, :p6, :p7)
on duplicate key update 
    last_address = values(last_address),
    expires_at = values(expires_at);

-- catalog_tables
select t.table_name, case when e.transactions = 'YES' then '' else coalesce(t.engine, '') end, 0
from information_schema.tables t
left join information_schema.engines e on e.engine = t.engine
where t.table_schema = database() and t.table_name in ('connect', 'from_awl', 'domain_awl', 'config', 'optin_domain', 'optin_email', 'optout_domain', 'optout_email', 'client_awl', 'lists', 'expectation', 'pool', 'organisation', 'daily', 'daily_delay', 'fact', 'spf_network');

-- catalog_columns
select table_name, column_name, data_type, coalesce(character_maximum_length, 0),
    coalesce(character_set_name, ''),
    case when collation_name like '%!_ci' escape '!' then 1 else 0 end,
    case when is_nullable = 'NO' and column_default is null and extra not like '%auto_increment%'
        and extra not like '%GENERATED%' then 1 else 0 end,
    case when extra like '%auto_increment%' then 1 else 0 end
from information_schema.columns
where table_schema = database() and table_name in ('connect', 'from_awl', 'domain_awl', 'config', 'optin_domain', 'optin_email', 'optout_domain', 'optout_email', 'client_awl', 'lists', 'expectation', 'pool', 'organisation', 'daily', 'daily_delay', 'fact', 'spf_network')
order by table_name, ordinal_position;

-- catalog_indexes
select table_name, index_name, case when non_unique = 0 then 1 else 0 end,
    case when index_name = 'PRIMARY' then 1 else 0 end,
    case when sub_part is not null then -1 when column_name is not null and index_type = 'BTREE' then 1 else 0 end,
    coalesce(column_name, '')
from information_schema.statistics
where table_schema = database() and table_name in ('connect', 'from_awl', 'domain_awl', 'config', 'optin_domain', 'optin_email', 'optout_domain', 'optout_email', 'client_awl', 'lists', 'expectation', 'pool', 'organisation', 'daily', 'daily_delay', 'fact', 'spf_network')
order by table_name, index_name, seq_in_index;

-- missing_rights
select concat(current_user(), ' has not the right ', w.p, ': as an administrator type "grant ', lower(w.p), ' on ', database(), '.* to ', g.name, '"')
from (select 'CREATE' as p union all select 'ALTER' union all select 'INSERT' union all select 'UPDATE' union all select 'DELETE') as w
cross join (select concat('''', replace(current_user(), '@', '''@'''), '''') as name) as g
where not exists (select 1 from information_schema.user_privileges u
        where u.grantee = g.name and u.privilege_type = w.p)
    and not exists (select 1 from information_schema.schema_privileges s
        where s.grantee = g.name and s.privilege_type = w.p and database() like s.table_schema)
    and not exists (select 1 from information_schema.table_privileges s
        where s.grantee = g.name and s.privilege_type = w.p and s.table_schema = database());

