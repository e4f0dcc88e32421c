-- begin
begin;

-- begin_snapshot
begin;

-- limit_lock_wait
set local lock_timeout = 1;

-- commit
commit;

-- read_clock
select (select cast(floor(date_part('epoch', now())) as bigint));

-- look_up of the default settings
with k as (
    select n - 1 as n, src, sender_domain, sender_name, deverped, rcpt
    from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as text[]), cast(:p4 as text[])) with ordinality as k(src, sender_domain, sender_name, deverped, rcpt, n))
select k.n,
    (select cast(floor(date_part('epoch', now())) as bigint)),
    cast(floor(date_part('epoch',
        case when cast(d.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(d.first_seen as timestamptz) - interval '1 hour' as timestamp) = d.first_seen
        then cast(d.first_seen as timestamptz) - interval '1 hour'
        else cast(d.first_seen as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(d.last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(d.last_seen as timestamptz) - interval '1 hour' as timestamp) = d.last_seen
        then cast(d.last_seen as timestamptz) - interval '1 hour'
        else cast(d.last_seen as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(f.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(f.first_seen as timestamptz) - interval '1 hour' as timestamp) = f.first_seen
        then cast(f.first_seen as timestamptz) - interval '1 hour'
        else cast(f.first_seen as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(f.last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(f.last_seen as timestamptz) - interval '1 hour' as timestamp) = f.last_seen
        then cast(f.last_seen as timestamptz) - interval '1 hour'
        else cast(f.last_seen as timestamptz) end)) as bigint),
    case when d.src is null and f.src is null then (select count(*) * 10000000000 + min(cast(floor(date_part('epoch',
        case when cast(s.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(s.first_seen as timestamptz) - interval '1 hour' as timestamp) = s.first_seen
        then cast(s.first_seen as timestamptz) - interval '1 hour'
        else cast(s.first_seen as timestamptz) end)) as bigint))
        from from_awl s
        where s.src = k.src and s.sender_domain = k.sender_domain) end,
    cast(floor(date_part('epoch',
        case when cast(c.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(c.first_seen as timestamptz) - interval '1 hour' as timestamp) = c.first_seen
        then cast(c.first_seen as timestamptz) - interval '1 hour'
        else cast(c.first_seen as timestamptz) end)) as bigint),
    (select max(e.expires_at) from expectation e
        where e.rcpt = case when d.src is null and f.src is null then k.rcpt end
            and (e.sender_domain = '' or e.sender_domain = k.sender_domain))
from k
left join lateral (
    select * from domain_awl d
    where d.src = k.src
        and d.sender_domain = k.sender_domain
    offset 0) d on true
left join lateral (
    select * from from_awl f
    where f.src = case when d.src is null then k.src end
        and f.sender_domain = k.sender_domain
        and f.sender_name = k.deverped
    offset 0) f on true
left join lateral (
    select * from connect c
    where c.src = case when d.src is null and f.src is null then k.src end
        and c.sender_domain = k.sender_domain
        and c.sender_name = k.sender_name
        and c.rcpt = k.rcpt
    offset 0) c on true;

-- look_up of all parts
with k as (
    select n - 1 as n, src, sender_domain, sender_name, deverped, rcpt, retries, counted, client, rcpt_domain, rcpt_email
    from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as text[]), cast(:p4 as text[]), cast(:p5 as text[]), cast(:p6 as text[]), cast(:p7 as text[]), cast(:p8 as text[]), cast(:p9 as text[])) with ordinality as k(src, sender_domain, sender_name, deverped, rcpt, retries, counted, client, rcpt_domain, rcpt_email, n))
select k.n,
    (select cast(floor(date_part('epoch', now())) as bigint)),
    cast(floor(date_part('epoch',
        case when cast(d.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(d.first_seen as timestamptz) - interval '1 hour' as timestamp) = d.first_seen
        then cast(d.first_seen as timestamptz) - interval '1 hour'
        else cast(d.first_seen as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(d.last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(d.last_seen as timestamptz) - interval '1 hour' as timestamp) = d.last_seen
        then cast(d.last_seen as timestamptz) - interval '1 hour'
        else cast(d.last_seen as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(f.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(f.first_seen as timestamptz) - interval '1 hour' as timestamp) = f.first_seen
        then cast(f.first_seen as timestamptz) - interval '1 hour'
        else cast(f.first_seen as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(f.last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(f.last_seen as timestamptz) - interval '1 hour' as timestamp) = f.last_seen
        then cast(f.last_seen as timestamptz) - interval '1 hour'
        else cast(f.last_seen as timestamptz) end)) as bigint),
    case when d.src is null and f.src is null then (select count(*) * 10000000000 + min(cast(floor(date_part('epoch',
        case when cast(s.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(s.first_seen as timestamptz) - interval '1 hour' as timestamp) = s.first_seen
        then cast(s.first_seen as timestamptz) - interval '1 hour'
        else cast(s.first_seen as timestamptz) end)) as bigint))
        from from_awl s
        where s.src = k.src and s.sender_domain = k.sender_domain) end,
    cast(floor(date_part('epoch',
        case when cast(c.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(c.first_seen as timestamptz) - interval '1 hour' as timestamp) = c.first_seen
        then cast(c.first_seen as timestamptz) - interval '1 hour'
        else cast(c.first_seen as timestamptz) end)) as bigint),
    (select count(*)
        from connect r
        where r.src = '*' and r.sender_domain = k.sender_domain
            and r.sender_name = case when d.src is null and f.src is null then k.retries end),
    (select cast(floor(date_part('epoch',
        case when cast(max(r.first_seen) as timestamptz) > now() + interval '1 minute'
            and cast(cast(max(r.first_seen) as timestamptz) - interval '1 hour' as timestamp) = max(r.first_seen)
        then cast(max(r.first_seen) as timestamptz) - interval '1 hour'
        else cast(max(r.first_seen) as timestamptz) end)) as bigint)
        from connect r
        where r.src = '*' and r.sender_domain = k.sender_domain
            and r.sender_name = case when d.src is null and f.src is null then k.retries end),
    (select 1 from domain_awl s where s.src = case when d.src is null and f.src is null then k.counted end limit 1),
    case when not exists (select 1 from domain_awl s where s.src = case when d.src is null and f.src is null then k.counted end)
        then (select count(*) from connect s where s.src = case when d.src is null and f.src is null then k.counted end) end,
    case when not exists (select 1 from domain_awl s where s.src = case when d.src is null and f.src is null then k.counted end)
        then (select count(*) from from_awl s where s.src = case when d.src is null and f.src is null then k.counted end) end,
    a.passes,
    cast(floor(date_part('epoch',
        case when cast(a.last_counted as timestamptz) > now() + interval '1 minute'
            and cast(cast(a.last_counted as timestamptz) - interval '1 hour' as timestamp) = a.last_counted
        then cast(a.last_counted as timestamptz) - interval '1 hour'
        else cast(a.last_counted as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(a.last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(a.last_seen as timestamptz) - interval '1 hour' as timestamp) = a.last_seen
        then cast(a.last_seen as timestamptz) - interval '1 hour'
        else cast(a.last_seen as timestamptz) end)) as bigint),
    (select count(*) from optin_domain o where o.domain = k.rcpt_domain),
    (select count(*) from optin_email o where o.email = k.rcpt_email),
    (select count(*) from optout_domain o where o.domain = k.rcpt_domain),
    (select count(*) from optout_email o where o.email = k.rcpt_email),
    (select max(e.expires_at) from expectation e
        where e.rcpt = case when d.src is null and f.src is null then k.rcpt end
            and (e.sender_domain = '' or e.sender_domain = k.sender_domain))
from k
left join lateral (
    select * from domain_awl d
    where d.src = k.src
        and d.sender_domain = k.sender_domain
    offset 0) d on true
left join lateral (
    select * from from_awl f
    where f.src = case when d.src is null then k.src end
        and f.sender_domain = k.sender_domain
        and f.sender_name = k.deverped
    offset 0) f on true
left join lateral (
    select * from connect c
    where c.src = case when d.src is null and f.src is null then k.src end
        and c.sender_domain = k.sender_domain
        and c.sender_name = k.sender_name
        and c.rcpt = k.rcpt
    offset 0) c on true
left join lateral (
    select * from client_awl a
    where a.src = case when d.src is null and f.src is null then k.client end
    offset 0) a on true;

-- look_up of all parts, behind the auto-whitelists too
with k as (
    select n - 1 as n, src, sender_domain, sender_name, deverped, rcpt, retries, counted, client, rcpt_domain, rcpt_email
    from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as text[]), cast(:p4 as text[]), cast(:p5 as text[]), cast(:p6 as text[]), cast(:p7 as text[]), cast(:p8 as text[]), cast(:p9 as text[])) with ordinality as k(src, sender_domain, sender_name, deverped, rcpt, retries, counted, client, rcpt_domain, rcpt_email, n))
select k.n,
    (select cast(floor(date_part('epoch', now())) as bigint)),
    cast(floor(date_part('epoch',
        case when cast(d.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(d.first_seen as timestamptz) - interval '1 hour' as timestamp) = d.first_seen
        then cast(d.first_seen as timestamptz) - interval '1 hour'
        else cast(d.first_seen as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(d.last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(d.last_seen as timestamptz) - interval '1 hour' as timestamp) = d.last_seen
        then cast(d.last_seen as timestamptz) - interval '1 hour'
        else cast(d.last_seen as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(f.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(f.first_seen as timestamptz) - interval '1 hour' as timestamp) = f.first_seen
        then cast(f.first_seen as timestamptz) - interval '1 hour'
        else cast(f.first_seen as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(f.last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(f.last_seen as timestamptz) - interval '1 hour' as timestamp) = f.last_seen
        then cast(f.last_seen as timestamptz) - interval '1 hour'
        else cast(f.last_seen as timestamptz) end)) as bigint),
    (select count(*) * 10000000000 + min(cast(floor(date_part('epoch',
        case when cast(s.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(s.first_seen as timestamptz) - interval '1 hour' as timestamp) = s.first_seen
        then cast(s.first_seen as timestamptz) - interval '1 hour'
        else cast(s.first_seen as timestamptz) end)) as bigint))
        from from_awl s
        where s.src = k.src and s.sender_domain = k.sender_domain),
    cast(floor(date_part('epoch',
        case when cast(c.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(c.first_seen as timestamptz) - interval '1 hour' as timestamp) = c.first_seen
        then cast(c.first_seen as timestamptz) - interval '1 hour'
        else cast(c.first_seen as timestamptz) end)) as bigint),
    (select count(*)
        from connect r
        where r.src = '*' and r.sender_domain = k.sender_domain
            and r.sender_name = k.retries),
    (select cast(floor(date_part('epoch',
        case when cast(max(r.first_seen) as timestamptz) > now() + interval '1 minute'
            and cast(cast(max(r.first_seen) as timestamptz) - interval '1 hour' as timestamp) = max(r.first_seen)
        then cast(max(r.first_seen) as timestamptz) - interval '1 hour'
        else cast(max(r.first_seen) as timestamptz) end)) as bigint)
        from connect r
        where r.src = '*' and r.sender_domain = k.sender_domain
            and r.sender_name = k.retries),
    (select 1 from domain_awl s where s.src = k.counted limit 1),
    case when not exists (select 1 from domain_awl s where s.src = k.counted)
        then (select count(*) from connect s where s.src = k.counted) end,
    case when not exists (select 1 from domain_awl s where s.src = k.counted)
        then (select count(*) from from_awl s where s.src = k.counted) end,
    a.passes,
    cast(floor(date_part('epoch',
        case when cast(a.last_counted as timestamptz) > now() + interval '1 minute'
            and cast(cast(a.last_counted as timestamptz) - interval '1 hour' as timestamp) = a.last_counted
        then cast(a.last_counted as timestamptz) - interval '1 hour'
        else cast(a.last_counted as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(a.last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(a.last_seen as timestamptz) - interval '1 hour' as timestamp) = a.last_seen
        then cast(a.last_seen as timestamptz) - interval '1 hour'
        else cast(a.last_seen as timestamptz) end)) as bigint),
    (select count(*) from optin_domain o where o.domain = k.rcpt_domain),
    (select count(*) from optin_email o where o.email = k.rcpt_email),
    (select count(*) from optout_domain o where o.domain = k.rcpt_domain),
    (select count(*) from optout_email o where o.email = k.rcpt_email),
    (select max(e.expires_at) from expectation e
        where e.rcpt = k.rcpt
            and (e.sender_domain = '' or e.sender_domain = k.sender_domain))
from k
left join lateral (
    select * from domain_awl d
    where d.src = k.src
        and d.sender_domain = k.sender_domain
    offset 0) d on true
left join lateral (
    select * from from_awl f
    where f.src = k.src
        and f.sender_domain = k.sender_domain
        and f.sender_name = k.deverped
    offset 0) f on true
left join lateral (
    select * from connect c
    where c.src = k.src
        and c.sender_domain = k.sender_domain
        and c.sender_name = k.sender_name
        and c.rcpt = k.rcpt
    offset 0) c on true
left join lateral (
    select * from client_awl a
    where a.src = k.client
    offset 0) a on true;

-- put_connect
insert into connect (sender_name, sender_domain, src, rcpt, first_seen)
select sender_name, sender_domain, src, rcpt, cast(to_timestamp(cast(first_seen as bigint)) as timestamp)
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as text[]), cast(:p4 as bigint[])) with ordinality as k(sender_name, sender_domain, src, rcpt, first_seen, n)
on conflict (src, sender_domain, sender_name, rcpt) do update set 
    first_seen = case when connect.first_seen < cast(to_timestamp(cast(:p5 as bigint)) as timestamp)
            or connect.first_seen > excluded.first_seen
        then excluded.first_seen else connect.first_seen end;

-- touch_domain_awl
update domain_awl
set first_seen = first_seen, last_seen = cast(to_timestamp(cast(:p0 as bigint)) as timestamp)
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p1 as text[]), cast(:p2 as text[])) with ordinality as k(src, sender_domain, n),
    lateral (
        select ctid from domain_awl
        where domain_awl.src = k.src and domain_awl.sender_domain = k.sender_domain
        offset 0) t));

-- touch_from_awl
update from_awl
set first_seen = first_seen, last_seen = cast(to_timestamp(cast(:p0 as bigint)) as timestamp)
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as text[])) with ordinality as k(src, sender_domain, sender_name, n),
    lateral (
        select ctid from from_awl
        where from_awl.src = k.src and from_awl.sender_domain = k.sender_domain and from_awl.sender_name = k.sender_name
        offset 0) t));

-- touch_client_awl
update client_awl
set first_seen = first_seen, last_seen = cast(to_timestamp(cast(:p0 as bigint)) as timestamp)
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p1 as text[])) with ordinality as k(src, n),
    lateral (
        select ctid from client_awl
        where client_awl.src = k.src
        offset 0) t));

-- count_retry
insert into client_awl (src, passes, last_counted, first_seen, last_seen)
select src, passes, cast(to_timestamp(cast(last_counted as bigint)) as timestamp), cast(to_timestamp(cast(first_seen as bigint)) as timestamp), cast(to_timestamp(cast(last_seen as bigint)) as timestamp)
from unnest(cast(:p0 as text[]), cast(:p1 as bigint[]), cast(:p2 as bigint[]), cast(:p3 as bigint[]), cast(:p4 as bigint[])) with ordinality as k(src, passes, last_counted, first_seen, last_seen, n)
on conflict (src) do update set 
    passes = case when client_awl.last_seen < cast(to_timestamp(cast(:p5 as bigint)) as timestamp) then 1
        when client_awl.last_counted <= cast(to_timestamp(cast(:p6 as bigint)) as timestamp)
            or client_awl.last_counted > excluded.last_counted
        then client_awl.passes + 1 else client_awl.passes end,
    last_counted = case when client_awl.last_seen < cast(to_timestamp(cast(:p7 as bigint)) as timestamp)
            or client_awl.last_counted <= cast(to_timestamp(cast(:p8 as bigint)) as timestamp)
            or client_awl.last_counted > excluded.last_counted
        then excluded.last_counted else client_awl.last_counted end,
    first_seen = client_awl.first_seen, last_seen = excluded.last_seen;

-- put_from_awl
insert into from_awl (sender_name, sender_domain, src, first_seen, last_seen)
select sender_name, sender_domain, src, cast(to_timestamp(cast(first_seen as bigint)) as timestamp), cast(to_timestamp(cast(last_seen as bigint)) as timestamp)
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as bigint[]), cast(:p4 as bigint[])) with ordinality as k(sender_name, sender_domain, src, first_seen, last_seen, n)
on conflict (src, sender_domain, sender_name) do update set first_seen = excluded.first_seen, last_seen = excluded.last_seen;

-- forget_connect_of_sender
delete from connect
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[])) with ordinality as k(src, sender_domain, sender_name, n),
    lateral (
        select ctid from connect
        where connect.src = k.src and connect.sender_domain = k.sender_domain and connect.sender_name like k.sender_name escape '!'
        offset 0) t limit 10000));

-- put_domain_awl
insert into domain_awl (sender_domain, src, first_seen, last_seen)
select sender_domain, src, cast(to_timestamp(cast(first_seen as bigint)) as timestamp), cast(to_timestamp(cast(last_seen as bigint)) as timestamp)
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as bigint[]), cast(:p3 as bigint[])) with ordinality as k(sender_domain, src, first_seen, last_seen, n)
on conflict (src, sender_domain) do update set first_seen = excluded.first_seen, last_seen = excluded.last_seen;

-- forget_from_awl_of_domain
delete from from_awl
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[]), cast(:p1 as text[])) with ordinality as k(src, sender_domain, n),
    lateral (
        select ctid from from_awl
        where from_awl.src = k.src and from_awl.sender_domain = k.sender_domain
        offset 0) t));

-- forget_connect_of_domain
delete from connect
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[]), cast(:p1 as text[])) with ordinality as k(src, sender_domain, n),
    lateral (
        select ctid from connect
        where connect.src = k.src and connect.sender_domain = k.sender_domain
        offset 0) t limit 10000));

-- remember_pool
insert into pool (member, pool, evidence, first_seen, last_seen)
select member, pool, evidence, cast(to_timestamp(cast(first_seen as bigint)) as timestamp), cast(to_timestamp(cast(last_seen as bigint)) as timestamp)
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as bigint[]), cast(:p4 as bigint[])) with ordinality as k(member, pool, evidence, first_seen, last_seen, n)
on conflict (member) do update set 
    pool = case when pool.last_seen < cast(to_timestamp(cast(:p5 as bigint)) as timestamp) or pool.pool = excluded.pool
        then excluded.pool else '' end,
    first_seen = case when pool.last_seen < cast(to_timestamp(cast(:p6 as bigint)) as timestamp) then excluded.first_seen
        else pool.first_seen end,
    evidence = excluded.evidence, last_seen = excluded.last_seen;

-- look_up_elsewhere of the default settings
with k as (
    select n - 1 as n, src, sender_domain, sender_name, deverped, rcpt, member
    from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as text[]), cast(:p4 as text[]), cast(:p5 as text[])) with ordinality as k(src, sender_domain, sender_name, deverped, rcpt, member, n))
select k.n,
    p.pool,
    cast(floor(date_part('epoch',
        case when cast(p.last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(p.last_seen as timestamptz) - interval '1 hour' as timestamp) = p.last_seen
        then cast(p.last_seen as timestamptz) - interval '1 hour'
        else cast(p.last_seen as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(d.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(d.first_seen as timestamptz) - interval '1 hour' as timestamp) = d.first_seen
        then cast(d.first_seen as timestamptz) - interval '1 hour'
        else cast(d.first_seen as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(d.last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(d.last_seen as timestamptz) - interval '1 hour' as timestamp) = d.last_seen
        then cast(d.last_seen as timestamptz) - interval '1 hour'
        else cast(d.last_seen as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(f.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(f.first_seen as timestamptz) - interval '1 hour' as timestamp) = f.first_seen
        then cast(f.first_seen as timestamptz) - interval '1 hour'
        else cast(f.first_seen as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(f.last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(f.last_seen as timestamptz) - interval '1 hour' as timestamp) = f.last_seen
        then cast(f.last_seen as timestamptz) - interval '1 hour'
        else cast(f.last_seen as timestamptz) end)) as bigint),
    (select count(*) * 10000000000 + min(cast(floor(date_part('epoch',
        case when cast(s.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(s.first_seen as timestamptz) - interval '1 hour' as timestamp) = s.first_seen
        then cast(s.first_seen as timestamptz) - interval '1 hour'
        else cast(s.first_seen as timestamptz) end)) as bigint))
        from from_awl s
        where s.src = case when k.src <> '' then k.src else p.pool end and s.sender_domain = k.sender_domain),
    cast(floor(date_part('epoch',
        case when cast(c.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(c.first_seen as timestamptz) - interval '1 hour' as timestamp) = c.first_seen
        then cast(c.first_seen as timestamptz) - interval '1 hour'
        else cast(c.first_seen as timestamptz) end)) as bigint)
from k
left join lateral (
    select * from pool p
    where p.member = k.member
    offset 0) p on true
left join lateral (
    select * from domain_awl d
    where d.src = case when k.src <> '' then k.src else p.pool end
        and d.sender_domain = k.sender_domain
    offset 0) d on true
left join lateral (
    select * from from_awl f
    where f.src = case when k.src <> '' then k.src else p.pool end
        and f.sender_domain = k.sender_domain
        and f.sender_name = k.deverped
    offset 0) f on true
left join lateral (
    select * from connect c
    where c.src = case when k.src <> '' then k.src else p.pool end
        and c.sender_domain = k.sender_domain
        and c.sender_name = k.sender_name
        and c.rcpt = k.rcpt
    offset 0) c on true;

-- look_up_elsewhere of all parts
with k as (
    select n - 1 as n, src, sender_domain, sender_name, deverped, rcpt, member, counted, client
    from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as text[]), cast(:p4 as text[]), cast(:p5 as text[]), cast(:p6 as text[]), cast(:p7 as text[])) with ordinality as k(src, sender_domain, sender_name, deverped, rcpt, member, counted, client, n))
select k.n,
    p.pool,
    cast(floor(date_part('epoch',
        case when cast(p.last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(p.last_seen as timestamptz) - interval '1 hour' as timestamp) = p.last_seen
        then cast(p.last_seen as timestamptz) - interval '1 hour'
        else cast(p.last_seen as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(d.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(d.first_seen as timestamptz) - interval '1 hour' as timestamp) = d.first_seen
        then cast(d.first_seen as timestamptz) - interval '1 hour'
        else cast(d.first_seen as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(d.last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(d.last_seen as timestamptz) - interval '1 hour' as timestamp) = d.last_seen
        then cast(d.last_seen as timestamptz) - interval '1 hour'
        else cast(d.last_seen as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(f.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(f.first_seen as timestamptz) - interval '1 hour' as timestamp) = f.first_seen
        then cast(f.first_seen as timestamptz) - interval '1 hour'
        else cast(f.first_seen as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(f.last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(f.last_seen as timestamptz) - interval '1 hour' as timestamp) = f.last_seen
        then cast(f.last_seen as timestamptz) - interval '1 hour'
        else cast(f.last_seen as timestamptz) end)) as bigint),
    (select count(*) * 10000000000 + min(cast(floor(date_part('epoch',
        case when cast(s.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(s.first_seen as timestamptz) - interval '1 hour' as timestamp) = s.first_seen
        then cast(s.first_seen as timestamptz) - interval '1 hour'
        else cast(s.first_seen as timestamptz) end)) as bigint))
        from from_awl s
        where s.src = case when k.src <> '' then k.src else p.pool end and s.sender_domain = k.sender_domain),
    cast(floor(date_part('epoch',
        case when cast(c.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(c.first_seen as timestamptz) - interval '1 hour' as timestamp) = c.first_seen
        then cast(c.first_seen as timestamptz) - interval '1 hour'
        else cast(c.first_seen as timestamptz) end)) as bigint),
    (select 1 from domain_awl s where s.src = k.counted limit 1),
    case when not exists (select 1 from domain_awl s where s.src = k.counted)
        then (select count(*) from connect s where s.src = k.counted) end,
    case when not exists (select 1 from domain_awl s where s.src = k.counted)
        then (select count(*) from from_awl s where s.src = k.counted) end,
    a.passes,
    cast(floor(date_part('epoch',
        case when cast(a.last_counted as timestamptz) > now() + interval '1 minute'
            and cast(cast(a.last_counted as timestamptz) - interval '1 hour' as timestamp) = a.last_counted
        then cast(a.last_counted as timestamptz) - interval '1 hour'
        else cast(a.last_counted as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(a.last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(a.last_seen as timestamptz) - interval '1 hour' as timestamp) = a.last_seen
        then cast(a.last_seen as timestamptz) - interval '1 hour'
        else cast(a.last_seen as timestamptz) end)) as bigint)
from k
left join lateral (
    select * from pool p
    where p.member = k.member
    offset 0) p on true
left join lateral (
    select * from domain_awl d
    where d.src = case when k.src <> '' then k.src else p.pool end
        and d.sender_domain = k.sender_domain
    offset 0) d on true
left join lateral (
    select * from from_awl f
    where f.src = case when k.src <> '' then k.src else p.pool end
        and f.sender_domain = k.sender_domain
        and f.sender_name = k.deverped
    offset 0) f on true
left join lateral (
    select * from connect c
    where c.src = case when k.src <> '' then k.src else p.pool end
        and c.sender_domain = k.sender_domain
        and c.sender_name = k.sender_name
        and c.rcpt = k.rcpt
    offset 0) c on true
left join lateral (
    select * from client_awl a
    where a.src = k.client
    offset 0) a on true;

-- look_up_letters
with k as (
    select n - 1 as n, sender_domain, sender_name
    from unnest(cast(:p0 as text[]), cast(:p1 as text[])) with ordinality as k(sender_domain, sender_name, n))
select k.n, c.rcpt, cast(floor(date_part('epoch',
        case when cast(c.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(c.first_seen as timestamptz) - interval '1 hour' as timestamp) = c.first_seen
        then cast(c.first_seen as timestamptz) - interval '1 hour'
        else cast(c.first_seen as timestamptz) end)) as bigint)
from k
left join lateral (
    select * from connect c
    where c.src = '*' and c.sender_domain = k.sender_domain and c.sender_name = k.sender_name
    offset 0) c on true;

-- look_up_facts
with k as (
    select n - 1 as n, client, domain, address
    from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[])) with ordinality as k(client, domain, address, n))
select k.n, (select cast(floor(date_part('epoch', now())) as bigint)), pair.about, f.source, f.value, f.expires_at,
    case when pair.about = 1 then (
        select case when s.last_address >= k.address then s.expires_at else 0 end
        from spf_network s
        where s.domain = k.domain and s.first_address <= k.address
        order by s.first_address desc limit 1) end
from k
cross join (select 0 as about union all select 1 union all select 2) pair
left join lateral (
    select * from fact f
    where f.client = case when pair.about = 2 then '' else k.client end
        and f.domain = case when pair.about = 0 then '' else nullif(k.domain, '') end
    offset 0) f on true;

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
on conflict (parameter) do update set value = config.value;

-- put_config
insert into config (parameter, value)
values (:p0, :p1)
on conflict (parameter) do update set value = excluded.value;

-- slice_end_connect
select cast(floor(date_part('epoch',
        case when cast(first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(first_seen as timestamptz) - interval '1 hour' as timestamp) = first_seen
        then cast(first_seen as timestamptz) - interval '1 hour'
        else cast(first_seen as timestamptz) end)) as bigint)
from connect
where first_seen < cast(to_timestamp(cast(:p0 as bigint)) as timestamp)
order by first_seen
limit 1 offset :p1;

-- never_retried
select src, sender_name, sender_domain, rcpt, cast(first_seen as text)
from connect
where first_seen < cast(to_timestamp(cast(:p0 as bigint)) as timestamp)
order by first_seen;

-- expire_connect
delete from connect
where first_seen < cast(to_timestamp(cast(:p0 as bigint)) as timestamp);

-- slice_end_from_awl
select cast(floor(date_part('epoch',
        case when cast(last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(last_seen as timestamptz) - interval '1 hour' as timestamp) = last_seen
        then cast(last_seen as timestamptz) - interval '1 hour'
        else cast(last_seen as timestamptz) end)) as bigint)
from from_awl
where last_seen < cast(to_timestamp(cast(:p0 as bigint)) as timestamp)
order by last_seen
limit 1 offset :p1;

-- expire_from_awl
delete from from_awl
where last_seen < cast(to_timestamp(cast(:p0 as bigint)) as timestamp);

-- slice_end_domain_awl
select cast(floor(date_part('epoch',
        case when cast(last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(last_seen as timestamptz) - interval '1 hour' as timestamp) = last_seen
        then cast(last_seen as timestamptz) - interval '1 hour'
        else cast(last_seen as timestamptz) end)) as bigint)
from domain_awl
where last_seen < cast(to_timestamp(cast(:p0 as bigint)) as timestamp)
order by last_seen
limit 1 offset :p1;

-- expire_domain_awl
delete from domain_awl
where last_seen < cast(to_timestamp(cast(:p0 as bigint)) as timestamp);

-- slice_end_client_awl
select cast(floor(date_part('epoch',
        case when cast(last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(last_seen as timestamptz) - interval '1 hour' as timestamp) = last_seen
        then cast(last_seen as timestamptz) - interval '1 hour'
        else cast(last_seen as timestamptz) end)) as bigint)
from client_awl
where last_seen < cast(to_timestamp(cast(:p0 as bigint)) as timestamp)
order by last_seen
limit 1 offset :p1;

-- expire_client_awl
delete from client_awl
where last_seen < cast(to_timestamp(cast(:p0 as bigint)) as timestamp);

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
select cast(floor(date_part('epoch',
        case when cast(last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(last_seen as timestamptz) - interval '1 hour' as timestamp) = last_seen
        then cast(last_seen as timestamptz) - interval '1 hour'
        else cast(last_seen as timestamptz) end)) as bigint)
from pool
where last_seen < cast(to_timestamp(cast(:p0 as bigint)) as timestamp)
order by last_seen
limit 1 offset :p1;

-- expire_pool
delete from pool
where last_seen < cast(to_timestamp(cast(:p0 as bigint)) as timestamp);

-- slice_end_lists
select cast(floor(date_part('epoch',
        case when cast(expires_at as timestamptz) > now() + interval '1 minute'
            and cast(cast(expires_at as timestamptz) - interval '1 hour' as timestamp) = expires_at
        then cast(expires_at as timestamptz) - interval '1 hour'
        else cast(expires_at as timestamptz) end)) as bigint)
from lists
where expires_at < cast(to_timestamp(cast(:p0 as bigint)) as timestamp)
order by expires_at
limit 1 offset :p1;

-- expire_lists
delete from lists
where expires_at < cast(to_timestamp(cast(:p0 as bigint)) as timestamp);

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
select src, never_came_back, came_back, cast(floor(date_part('epoch',
        case when cast(halved_at as timestamptz) > now() + interval '1 minute'
            and cast(cast(halved_at as timestamptz) - interval '1 hour' as timestamp) = halved_at
        then cast(halved_at as timestamptz) - interval '1 hour'
        else cast(halved_at as timestamptz) end)) as bigint), crowd
from organisation
order by src;

-- rows_of_pool
select (select count(*) from from_awl f where f.src = :p0)
    + (select count(*) from domain_awl d where d.src = :p1);

-- put_organisation
insert into organisation (src, never_came_back, came_back, halved_at, crowd)
select src, never_came_back, came_back, cast(to_timestamp(cast(halved_at as bigint)) as timestamp), crowd
from unnest(cast(:p0 as text[]), cast(:p1 as bigint[]), cast(:p2 as bigint[]), cast(:p3 as bigint[]), cast(:p4 as bigint[])) with ordinality as k(src, never_came_back, came_back, halved_at, crowd, n)
on conflict (src) do update set 
    never_came_back = excluded.never_came_back,
    came_back = excluded.came_back,
    halved_at = excluded.halved_at,
    crowd = excluded.crowd;

-- forget_organisations
delete from organisation
where never_came_back = 0 and crowd = 0;

-- read_asked
with k as (
    select n - 1 as n, client, domain
    from unnest(cast(:p0 as text[]), cast(:p1 as text[])) with ordinality as k(client, domain, n))
select k.n, f.value, f.expires_at
from k
left join lateral (
    select * from fact f
    where f.client = k.client and f.domain = k.domain and f.source = 'asked'
    offset 0) f on true;

-- claim_fact
insert into fact (client, domain, source, value, expires_at)
select client, domain, source, value, expires_at
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as text[]), cast(:p4 as bigint[])) with ordinality as k(client, domain, source, value, expires_at, n)
on conflict (client, domain, source) do update set 
    value = case when fact.expires_at <= :p5 then excluded.value else fact.value end,
    expires_at = case when fact.expires_at <= :p6 then excluded.expires_at else fact.expires_at end;

-- read_facts
with k as (
    select n - 1 as n, client, domain
    from unnest(cast(:p0 as text[]), cast(:p1 as text[])) with ordinality as k(client, domain, n))
select k.n, f.source, f.value, f.expires_at
from k
left join lateral (
    select * from fact f
    where f.client = k.client and f.domain = k.domain
    offset 0) f on true;

-- put_fact
insert into fact (client, domain, source, value, expires_at)
select client, domain, source, value, expires_at
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as text[]), cast(:p4 as bigint[])) with ordinality as k(client, domain, source, value, expires_at, n)
on conflict (client, domain, source) do update set 
    value = excluded.value, expires_at = excluded.expires_at;

-- forget_spf_networks
delete from spf_network
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[])) with ordinality as k(domain, n),
    lateral (
        select ctid from spf_network
        where spf_network.domain = k.domain
        offset 0) t));

-- put_spf_network
insert into spf_network (domain, first_address, last_address, expires_at)
select domain, first_address, last_address, expires_at
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as bigint[])) with ordinality as k(domain, first_address, last_address, expires_at, n)
on conflict (domain, first_address) do update set 
    last_address = excluded.last_address, expires_at = excluded.expires_at;

-- put_daily
insert into daily (day, host, name, run, count)
select day, host, name, run, count
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as bigint[]), cast(:p4 as bigint[])) with ordinality as k(day, host, name, run, count, n)
on conflict (day, host, name, run) do update set 
    count = case when daily.count > excluded.count then daily.count else excluded.count end;

-- put_daily_delay
insert into daily_delay (day, host, up_to, run, count)
select day, host, up_to, run, count
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as bigint[]), cast(:p3 as bigint[]), cast(:p4 as bigint[])) with ordinality as k(day, host, up_to, run, count, n)
on conflict (day, host, up_to, run) do update set 
    count = case when daily_delay.count > excluded.count then daily_delay.count else excluded.count end;

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
where expires_at is null or expires_at > cast(to_timestamp(cast(:p0 as bigint)) as timestamp)
order by id;

-- count_hits
update lists set hits = hits + :p0, last_hit = cast(to_timestamp(cast(:p1 as bigint)) as timestamp)
where id = :p2;

-- waiting_between
select src, sender_domain, sender_name, rcpt, cast(floor(date_part('epoch',
        case when cast(first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(first_seen as timestamptz) - interval '1 hour' as timestamp) = first_seen
        then cast(first_seen as timestamptz) - interval '1 hour'
        else cast(first_seen as timestamptz) end)) as bigint)
from connect
where first_seen >= cast(to_timestamp(cast(:p0 as bigint)) as timestamp) and first_seen <= cast(to_timestamp(cast(:p1 as bigint)) as timestamp)
order by first_seen
limit :p2;

-- import_look_up_senders
with k as (
    select n - 1 as n, src, sender_domain, sender_name
    from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[])) with ordinality as k(src, sender_domain, sender_name, n))
select k.n, cast(floor(date_part('epoch',
        case when cast(d.last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(d.last_seen as timestamptz) - interval '1 hour' as timestamp) = d.last_seen
        then cast(d.last_seen as timestamptz) - interval '1 hour'
        else cast(d.last_seen as timestamptz) end)) as bigint),
    cast(floor(date_part('epoch',
        case when cast(f.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(f.first_seen as timestamptz) - interval '1 hour' as timestamp) = f.first_seen
        then cast(f.first_seen as timestamptz) - interval '1 hour'
        else cast(f.first_seen as timestamptz) end)) as bigint), cast(floor(date_part('epoch',
        case when cast(f.last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(f.last_seen as timestamptz) - interval '1 hour' as timestamp) = f.last_seen
        then cast(f.last_seen as timestamptz) - interval '1 hour'
        else cast(f.last_seen as timestamptz) end)) as bigint)
from k
left join lateral (
    select * from domain_awl d
    where d.src = k.src and d.sender_domain = k.sender_domain
    offset 0) d on true
left join lateral (
    select * from from_awl f
    where f.src = k.src and f.sender_domain = k.sender_domain and f.sender_name = k.sender_name
    offset 0) f on true;

-- import_put_senders
insert into from_awl (sender_name, sender_domain, src, first_seen, last_seen)
select sender_name, sender_domain, src, cast(to_timestamp(cast(first_seen as bigint)) as timestamp), cast(to_timestamp(cast(last_seen as bigint)) as timestamp)
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as bigint[]), cast(:p4 as bigint[])) with ordinality as k(sender_name, sender_domain, src, first_seen, last_seen, n)
on conflict (src, sender_domain, sender_name) do update set 
    first_seen = case when from_awl.first_seen < excluded.first_seen then from_awl.first_seen else excluded.first_seen end,
    last_seen = case when from_awl.last_seen > excluded.last_seen then from_awl.last_seen else excluded.last_seen end;

-- import_look_up_triplets
with k as (
    select n - 1 as n, src, sender_domain, sender_name, rcpt
    from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as text[])) with ordinality as k(src, sender_domain, sender_name, rcpt, n))
select k.n, cast(floor(date_part('epoch',
        case when cast(c.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(c.first_seen as timestamptz) - interval '1 hour' as timestamp) = c.first_seen
        then cast(c.first_seen as timestamptz) - interval '1 hour'
        else cast(c.first_seen as timestamptz) end)) as bigint)
from k
left join lateral (
    select * from connect c
    where c.src = k.src and c.sender_domain = k.sender_domain and c.sender_name = k.sender_name and c.rcpt = k.rcpt
    offset 0) c on true;

-- import_put_triplets
insert into connect (sender_name, sender_domain, src, rcpt, first_seen)
select sender_name, sender_domain, src, rcpt, cast(to_timestamp(cast(first_seen as bigint)) as timestamp)
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as text[]), cast(:p4 as bigint[])) with ordinality as k(sender_name, sender_domain, src, rcpt, first_seen, n)
on conflict (src, sender_domain, sender_name, rcpt) do update set 
    first_seen = case when connect.first_seen >= cast(to_timestamp(cast(:p5 as bigint)) as timestamp)
            and connect.first_seen < excluded.first_seen
        then connect.first_seen else excluded.first_seen end;

-- import_look_up_clients
with k as (
    select n - 1 as n, src
    from unnest(cast(:p0 as text[])) with ordinality as k(src, n))
select k.n, a.passes, cast(floor(date_part('epoch',
        case when cast(a.first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(a.first_seen as timestamptz) - interval '1 hour' as timestamp) = a.first_seen
        then cast(a.first_seen as timestamptz) - interval '1 hour'
        else cast(a.first_seen as timestamptz) end)) as bigint), cast(floor(date_part('epoch',
        case when cast(a.last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(a.last_seen as timestamptz) - interval '1 hour' as timestamp) = a.last_seen
        then cast(a.last_seen as timestamptz) - interval '1 hour'
        else cast(a.last_seen as timestamptz) end)) as bigint)
from k
left join lateral (
    select * from client_awl a
    where a.src = k.src
    offset 0) a on true;

-- import_put_clients
insert into client_awl (src, passes, last_counted, first_seen, last_seen)
select src, passes, cast(to_timestamp(cast(last_counted as bigint)) as timestamp), cast(to_timestamp(cast(first_seen as bigint)) as timestamp), cast(to_timestamp(cast(last_seen as bigint)) as timestamp)
from unnest(cast(:p0 as text[]), cast(:p1 as bigint[]), cast(:p2 as bigint[]), cast(:p3 as bigint[]), cast(:p4 as bigint[])) with ordinality as k(src, passes, last_counted, first_seen, last_seen, n)
on conflict (src) do update set 
    passes = case when client_awl.last_seen >= cast(to_timestamp(cast(:p5 as bigint)) as timestamp)
            and client_awl.passes > excluded.passes
        then client_awl.passes else excluded.passes end,
    last_counted = case when client_awl.last_counted > excluded.last_counted then client_awl.last_counted else excluded.last_counted end,
    first_seen = case when client_awl.first_seen < excluded.first_seen then client_awl.first_seen else excluded.first_seen end,
    last_seen = case when client_awl.last_seen > excluded.last_seen then client_awl.last_seen else excluded.last_seen end;

-- admin_sorted of connect
select src, sender_domain, sender_name, rcpt, cast(floor(date_part('epoch',
        case when cast(first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(first_seen as timestamptz) - interval '1 hour' as timestamp) = first_seen
        then cast(first_seen as timestamptz) - interval '1 hour'
        else cast(first_seen as timestamptz) end)) as bigint)
from connect
where src <> '*' and src not like '=%'
order by first_seen desc
limit :p0;

-- admin_sorted of from_awl
select src, sender_domain, sender_name, cast(floor(date_part('epoch',
        case when cast(first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(first_seen as timestamptz) - interval '1 hour' as timestamp) = first_seen
        then cast(first_seen as timestamptz) - interval '1 hour'
        else cast(first_seen as timestamptz) end)) as bigint), cast(floor(date_part('epoch',
        case when cast(last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(last_seen as timestamptz) - interval '1 hour' as timestamp) = last_seen
        then cast(last_seen as timestamptz) - interval '1 hour'
        else cast(last_seen as timestamptz) end)) as bigint)
from from_awl
order by last_seen desc
limit :p0;

-- admin_sorted of domain_awl
select src, sender_domain, cast(floor(date_part('epoch',
        case when cast(first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(first_seen as timestamptz) - interval '1 hour' as timestamp) = first_seen
        then cast(first_seen as timestamptz) - interval '1 hour'
        else cast(first_seen as timestamptz) end)) as bigint), cast(floor(date_part('epoch',
        case when cast(last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(last_seen as timestamptz) - interval '1 hour' as timestamp) = last_seen
        then cast(last_seen as timestamptz) - interval '1 hour'
        else cast(last_seen as timestamptz) end)) as bigint)
from domain_awl
order by last_seen desc
limit :p0;

-- admin_sorted of client_awl
select src, passes, cast(floor(date_part('epoch',
        case when cast(last_counted as timestamptz) > now() + interval '1 minute'
            and cast(cast(last_counted as timestamptz) - interval '1 hour' as timestamp) = last_counted
        then cast(last_counted as timestamptz) - interval '1 hour'
        else cast(last_counted as timestamptz) end)) as bigint), cast(floor(date_part('epoch',
        case when cast(first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(first_seen as timestamptz) - interval '1 hour' as timestamp) = first_seen
        then cast(first_seen as timestamptz) - interval '1 hour'
        else cast(first_seen as timestamptz) end)) as bigint), cast(floor(date_part('epoch',
        case when cast(last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(last_seen as timestamptz) - interval '1 hour' as timestamp) = last_seen
        then cast(last_seen as timestamptz) - interval '1 hour'
        else cast(last_seen as timestamptz) end)) as bigint)
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
select list, entry, id, reason, added_by, cast(floor(date_part('epoch',
        case when cast(added_at as timestamptz) > now() + interval '1 minute'
            and cast(cast(added_at as timestamptz) - interval '1 hour' as timestamp) = added_at
        then cast(added_at as timestamptz) - interval '1 hour'
        else cast(added_at as timestamptz) end)) as bigint), cast(floor(date_part('epoch',
        case when cast(expires_at as timestamptz) > now() + interval '1 minute'
            and cast(cast(expires_at as timestamptz) - interval '1 hour' as timestamp) = expires_at
        then cast(expires_at as timestamptz) - interval '1 hour'
        else cast(expires_at as timestamptz) end)) as bigint), hits, cast(floor(date_part('epoch',
        case when cast(last_hit as timestamptz) > now() + interval '1 minute'
            and cast(cast(last_hit as timestamptz) - interval '1 hour' as timestamp) = last_hit
        then cast(last_hit as timestamptz) - interval '1 hour'
        else cast(last_hit as timestamptz) end)) as bigint)
from lists
order by added_at desc
limit :p0;

-- admin_sorted of expectation
select rcpt, sender_domain, expires_at, added_by, reason
from expectation
order by expires_at desc
limit :p0;

-- admin_sorted of pool
select member, pool, evidence, cast(floor(date_part('epoch',
        case when cast(first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(first_seen as timestamptz) - interval '1 hour' as timestamp) = first_seen
        then cast(first_seen as timestamptz) - interval '1 hour'
        else cast(first_seen as timestamptz) end)) as bigint), cast(floor(date_part('epoch',
        case when cast(last_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(last_seen as timestamptz) - interval '1 hour' as timestamp) = last_seen
        then cast(last_seen as timestamptz) - interval '1 hour'
        else cast(last_seen as timestamptz) end)) as bigint)
from pool
order by last_seen desc
limit :p0;

-- admin_sorted of organisation
select src, never_came_back, came_back, cast(floor(date_part('epoch',
        case when cast(halved_at as timestamptz) > now() + interval '1 minute'
            and cast(cast(halved_at as timestamptz) - interval '1 hour' as timestamp) = halved_at
        then cast(halved_at as timestamptz) - interval '1 hour'
        else cast(halved_at as timestamptz) end)) as bigint), crowd
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
select src, sender_domain, sender_name, rcpt, cast(floor(date_part('epoch',
        case when cast(first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(first_seen as timestamptz) - interval '1 hour' as timestamp) = first_seen
        then cast(first_seen as timestamptz) - interval '1 hour'
        else cast(first_seen as timestamptz) end)) as bigint)
from connect
where src in (:p0, :p1, :p2, :p3, :p4, :p5, :p6, :p7)
    and sender_domain = :p8
    and sender_name = :p9
    and rcpt = :p10
    and first_seen >= cast(to_timestamp(cast(:p11 as bigint)) as timestamp)
    and src <> '*' and src not like '=%'
order by first_seen desc
limit :p12;

-- admin_sorted of connect for a domain, by sender
select src, sender_domain, sender_name, rcpt, cast(floor(date_part('epoch',
        case when cast(first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(first_seen as timestamptz) - interval '1 hour' as timestamp) = first_seen
        then cast(first_seen as timestamptz) - interval '1 hour'
        else cast(first_seen as timestamptz) end)) as bigint)
from connect
where rcpt like :p0 escape '!'
    and src <> '*' and src not like '=%'
order by sender_domain, sender_name
limit :p1;

-- admin_page of connect, the first
select src, sender_domain, sender_name, rcpt, cast(floor(date_part('epoch',
        case when cast(first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(first_seen as timestamptz) - interval '1 hour' as timestamp) = first_seen
        then cast(first_seen as timestamptz) - interval '1 hour'
        else cast(first_seen as timestamptz) end)) as bigint)
from connect
order by src, sender_domain, sender_name, rcpt
limit :p0;

-- admin_page of connect with filters, a later one
select src, sender_domain, sender_name, rcpt, cast(floor(date_part('epoch',
        case when cast(first_seen as timestamptz) > now() + interval '1 minute'
            and cast(cast(first_seen as timestamptz) - interval '1 hour' as timestamp) = first_seen
        then cast(first_seen as timestamptz) - interval '1 hour'
        else cast(first_seen as timestamptz) end)) as bigint)
from connect
where src in (:p0, :p1, :p2, :p3, :p4, :p5, :p6, :p7)
    and sender_domain = :p8
    and sender_name = :p9
    and rcpt = :p10
    and first_seen >= cast(to_timestamp(cast(:p11 as bigint)) as timestamp)
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
select list, entry, id, reason, added_by, cast(floor(date_part('epoch',
        case when cast(added_at as timestamptz) > now() + interval '1 minute'
            and cast(cast(added_at as timestamptz) - interval '1 hour' as timestamp) = added_at
        then cast(added_at as timestamptz) - interval '1 hour'
        else cast(added_at as timestamptz) end)) as bigint), cast(floor(date_part('epoch',
        case when cast(expires_at as timestamptz) > now() + interval '1 minute'
            and cast(cast(expires_at as timestamptz) - interval '1 hour' as timestamp) = expires_at
        then cast(expires_at as timestamptz) - interval '1 hour'
        else cast(expires_at as timestamptz) end)) as bigint), hits, cast(floor(date_part('epoch',
        case when cast(last_hit as timestamptz) > now() + interval '1 minute'
            and cast(cast(last_hit as timestamptz) - interval '1 hour' as timestamp) = last_hit
        then cast(last_hit as timestamptz) - interval '1 hour'
        else cast(last_hit as timestamptz) end)) as bigint)
from lists
where list >= :p0 and (list > :p1 or (list = :p2 and (entry > :p3)))
order by list, entry
limit :p4;

-- admin_pools
select x.src, max(x.networks), max(x.seen), max(x.never), max(x.crowd)
from (select pool as src, count(*) as networks,
        cast(floor(date_part('epoch',
        case when cast(max(last_seen) as timestamptz) > now() + interval '1 minute'
            and cast(cast(max(last_seen) as timestamptz) - interval '1 hour' as timestamp) = max(last_seen)
        then cast(max(last_seen) as timestamptz) - interval '1 hour'
        else cast(max(last_seen) as timestamptz) end)) as bigint) as seen, 0 as never, 0 as crowd
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
        cast(floor(date_part('epoch',
        case when cast(max(last_seen) as timestamptz) > now() + interval '1 minute'
            and cast(cast(max(last_seen) as timestamptz) - interval '1 hour' as timestamp) = max(last_seen)
        then cast(max(last_seen) as timestamptz) - interval '1 hour'
        else cast(max(last_seen) as timestamptz) end)) as bigint) as seen, 0 as never, 0 as crowd
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

-- admin_erase of connect
delete from connect
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as text[])) with ordinality as k(src, sender_domain, sender_name, rcpt, n),
    lateral (
        select ctid from connect
        where connect.src = k.src and connect.sender_domain = k.sender_domain and connect.sender_name = k.sender_name and connect.rcpt = k.rcpt
        offset 0) t));

-- admin_erase of from_awl
delete from from_awl
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[])) with ordinality as k(src, sender_domain, sender_name, n),
    lateral (
        select ctid from from_awl
        where from_awl.src = k.src and from_awl.sender_domain = k.sender_domain and from_awl.sender_name = k.sender_name
        offset 0) t));

-- admin_erase of domain_awl
delete from domain_awl
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[]), cast(:p1 as text[])) with ordinality as k(src, sender_domain, n),
    lateral (
        select ctid from domain_awl
        where domain_awl.src = k.src and domain_awl.sender_domain = k.sender_domain
        offset 0) t));

-- admin_erase of client_awl
delete from client_awl
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[])) with ordinality as k(src, n),
    lateral (
        select ctid from client_awl
        where client_awl.src = k.src
        offset 0) t));

-- admin_erase of optin_domain
delete from optin_domain
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[])) with ordinality as k(domain, n),
    lateral (
        select ctid from optin_domain
        where optin_domain.domain = k.domain
        offset 0) t));

-- admin_erase of optin_email
delete from optin_email
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[])) with ordinality as k(email, n),
    lateral (
        select ctid from optin_email
        where optin_email.email = k.email
        offset 0) t));

-- admin_erase of optout_domain
delete from optout_domain
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[])) with ordinality as k(domain, n),
    lateral (
        select ctid from optout_domain
        where optout_domain.domain = k.domain
        offset 0) t));

-- admin_erase of optout_email
delete from optout_email
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[])) with ordinality as k(email, n),
    lateral (
        select ctid from optout_email
        where optout_email.email = k.email
        offset 0) t));

-- admin_erase of lists
delete from lists
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[]), cast(:p1 as text[])) with ordinality as k(list, entry, n),
    lateral (
        select ctid from lists
        where lists.list = k.list and lists.entry = k.entry
        offset 0) t));

-- admin_erase of expectation
delete from expectation
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[]), cast(:p1 as text[])) with ordinality as k(rcpt, sender_domain, n),
    lateral (
        select ctid from expectation
        where expectation.rcpt = k.rcpt and expectation.sender_domain = k.sender_domain
        offset 0) t));

-- admin_erase of pool
delete from pool
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[])) with ordinality as k(member, n),
    lateral (
        select ctid from pool
        where pool.member = k.member
        offset 0) t));

-- admin_erase of organisation
delete from organisation
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[])) with ordinality as k(src, n),
    lateral (
        select ctid from organisation
        where organisation.src = k.src
        offset 0) t));

-- admin_erase of daily
delete from daily
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as bigint[])) with ordinality as k(day, host, name, run, n),
    lateral (
        select ctid from daily
        where daily.day = k.day and daily.host = k.host and daily.name = k.name and daily.run = k.run
        offset 0) t));

-- admin_erase of daily_delay
delete from daily_delay
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as bigint[]), cast(:p3 as bigint[])) with ordinality as k(day, host, up_to, run, n),
    lateral (
        select ctid from daily_delay
        where daily_delay.day = k.day and daily_delay.host = k.host and daily_delay.up_to = k.up_to and daily_delay.run = k.run
        offset 0) t));

-- admin_erase of fact
delete from fact
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[])) with ordinality as k(client, domain, source, n),
    lateral (
        select ctid from fact
        where fact.client = k.client and fact.domain = k.domain and fact.source = k.source
        offset 0) t));

-- admin_erase of spf_network
delete from spf_network
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p0 as text[]), cast(:p1 as text[])) with ordinality as k(domain, first_address, n),
    lateral (
        select ctid from spf_network
        where spf_network.domain = k.domain and spf_network.first_address = k.first_address
        offset 0) t));

-- admin_move_back
update connect
set first_seen = case when first_seen > cast(to_timestamp(cast(:p0 as bigint)) as timestamp)
    then cast(to_timestamp(cast(:p1 as bigint)) as timestamp) else first_seen end
where ctid = any(array(
    select t.ctid
    from unnest(cast(:p2 as text[]), cast(:p3 as text[]), cast(:p4 as text[]), cast(:p5 as text[])) with ordinality as k(src, sender_domain, sender_name, rcpt, n),
    lateral (
        select ctid from connect
        where connect.src = k.src and connect.sender_domain = k.sender_domain and connect.sender_name = k.sender_name and connect.rcpt = k.rcpt
        offset 0) t));

-- admin_put of connect
insert into connect (src, sender_domain, sender_name, rcpt, first_seen)
select src, sender_domain, sender_name, rcpt, cast(to_timestamp(cast(first_seen as bigint)) as timestamp)
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as text[]), cast(:p4 as bigint[])) with ordinality as k(src, sender_domain, sender_name, rcpt, first_seen, n)
on conflict (src, sender_domain, sender_name, rcpt) do update set 
    first_seen = case when connect.first_seen < excluded.first_seen then connect.first_seen else excluded.first_seen end;

-- admin_put of from_awl
insert into from_awl (src, sender_domain, sender_name, first_seen, last_seen)
select src, sender_domain, sender_name, cast(to_timestamp(cast(first_seen as bigint)) as timestamp), cast(to_timestamp(cast(last_seen as bigint)) as timestamp)
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as bigint[]), cast(:p4 as bigint[])) with ordinality as k(src, sender_domain, sender_name, first_seen, last_seen, n)
on conflict (src, sender_domain, sender_name) do update set 
    first_seen = case when from_awl.first_seen < excluded.first_seen then from_awl.first_seen else excluded.first_seen end,
    last_seen = case when from_awl.last_seen > excluded.last_seen then from_awl.last_seen else excluded.last_seen end;

-- admin_put of domain_awl
insert into domain_awl (src, sender_domain, first_seen, last_seen)
select src, sender_domain, cast(to_timestamp(cast(first_seen as bigint)) as timestamp), cast(to_timestamp(cast(last_seen as bigint)) as timestamp)
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as bigint[]), cast(:p3 as bigint[])) with ordinality as k(src, sender_domain, first_seen, last_seen, n)
on conflict (src, sender_domain) do update set 
    first_seen = case when domain_awl.first_seen < excluded.first_seen then domain_awl.first_seen else excluded.first_seen end,
    last_seen = case when domain_awl.last_seen > excluded.last_seen then domain_awl.last_seen else excluded.last_seen end;

-- admin_put of client_awl
insert into client_awl (src, passes, last_counted, first_seen, last_seen)
select src, passes, cast(to_timestamp(cast(last_counted as bigint)) as timestamp), cast(to_timestamp(cast(first_seen as bigint)) as timestamp), cast(to_timestamp(cast(last_seen as bigint)) as timestamp)
from unnest(cast(:p0 as text[]), cast(:p1 as bigint[]), cast(:p2 as bigint[]), cast(:p3 as bigint[]), cast(:p4 as bigint[])) with ordinality as k(src, passes, last_counted, first_seen, last_seen, n)
on conflict (src) do update set 
    passes = case when client_awl.passes > excluded.passes then client_awl.passes else excluded.passes end,
    last_counted = case when client_awl.last_counted > excluded.last_counted then client_awl.last_counted else excluded.last_counted end,
    first_seen = case when client_awl.first_seen < excluded.first_seen then client_awl.first_seen else excluded.first_seen end,
    last_seen = case when client_awl.last_seen > excluded.last_seen then client_awl.last_seen else excluded.last_seen end;

-- admin_put of optin_domain
insert into optin_domain (domain)
select domain
from unnest(cast(:p0 as text[])) with ordinality as k(domain, n)
on conflict (domain) do update set domain = excluded.domain;

-- admin_put of optin_email
insert into optin_email (email)
select email
from unnest(cast(:p0 as text[])) with ordinality as k(email, n)
on conflict (email) do update set email = excluded.email;

-- admin_put of optout_domain
insert into optout_domain (domain)
select domain
from unnest(cast(:p0 as text[])) with ordinality as k(domain, n)
on conflict (domain) do update set domain = excluded.domain;

-- admin_put of optout_email
insert into optout_email (email)
select email
from unnest(cast(:p0 as text[])) with ordinality as k(email, n)
on conflict (email) do update set email = excluded.email;

-- admin_put of lists
insert into lists (list, entry, reason, added_by, added_at, expires_at, hits, last_hit)
select list, entry, reason, added_by, cast(to_timestamp(cast(added_at as bigint)) as timestamp), cast(to_timestamp(cast(nullif(expires_at, 0) as bigint)) as timestamp), hits, cast(to_timestamp(cast(nullif(last_hit, 0) as bigint)) as timestamp)
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as text[]), cast(:p4 as bigint[]), cast(:p5 as bigint[]), cast(:p6 as bigint[]), cast(:p7 as bigint[])) with ordinality as k(list, entry, reason, added_by, added_at, expires_at, hits, last_hit, n)
on conflict (list, entry) do update set 
    reason = excluded.reason,
    added_by = excluded.added_by,
    added_at = excluded.added_at,
    expires_at = excluded.expires_at,
    hits = case when lists.hits > excluded.hits then lists.hits else excluded.hits end,
    last_hit = excluded.last_hit;

-- admin_put of expectation
insert into expectation (rcpt, sender_domain, expires_at, added_by, reason)
select rcpt, sender_domain, expires_at, added_by, reason
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as bigint[]), cast(:p3 as text[]), cast(:p4 as text[])) with ordinality as k(rcpt, sender_domain, expires_at, added_by, reason, n)
on conflict (rcpt, sender_domain) do update set 
    expires_at = excluded.expires_at,
    added_by = excluded.added_by,
    reason = excluded.reason;

-- admin_put of pool
insert into pool (member, pool, evidence, first_seen, last_seen)
select member, pool, evidence, cast(to_timestamp(cast(first_seen as bigint)) as timestamp), cast(to_timestamp(cast(last_seen as bigint)) as timestamp)
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as bigint[]), cast(:p4 as bigint[])) with ordinality as k(member, pool, evidence, first_seen, last_seen, n)
on conflict (member) do update set 
    pool = excluded.pool,
    evidence = excluded.evidence,
    first_seen = case when pool.first_seen < excluded.first_seen then pool.first_seen else excluded.first_seen end,
    last_seen = case when pool.last_seen > excluded.last_seen then pool.last_seen else excluded.last_seen end;

-- admin_put of organisation
insert into organisation (src, never_came_back, came_back, halved_at, crowd)
select src, never_came_back, came_back, cast(to_timestamp(cast(halved_at as bigint)) as timestamp), crowd
from unnest(cast(:p0 as text[]), cast(:p1 as bigint[]), cast(:p2 as bigint[]), cast(:p3 as bigint[]), cast(:p4 as bigint[])) with ordinality as k(src, never_came_back, came_back, halved_at, crowd, n)
on conflict (src) do update set 
    never_came_back = case when organisation.never_came_back > excluded.never_came_back then organisation.never_came_back else excluded.never_came_back end,
    came_back = case when organisation.came_back > excluded.came_back then organisation.came_back else excluded.came_back end,
    halved_at = case when organisation.halved_at > excluded.halved_at then organisation.halved_at else excluded.halved_at end,
    crowd = excluded.crowd;

-- admin_put of daily
insert into daily (day, host, name, run, count)
select day, host, name, run, count
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as bigint[]), cast(:p4 as bigint[])) with ordinality as k(day, host, name, run, count, n)
on conflict (day, host, name, run) do update set 
    count = case when daily.count > excluded.count then daily.count else excluded.count end;

-- admin_put of daily_delay
insert into daily_delay (day, host, up_to, run, count)
select day, host, up_to, run, count
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as bigint[]), cast(:p3 as bigint[]), cast(:p4 as bigint[])) with ordinality as k(day, host, up_to, run, count, n)
on conflict (day, host, up_to, run) do update set 
    count = case when daily_delay.count > excluded.count then daily_delay.count else excluded.count end;

-- admin_put of fact
insert into fact (client, domain, source, value, expires_at)
select client, domain, source, value, expires_at
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as text[]), cast(:p4 as bigint[])) with ordinality as k(client, domain, source, value, expires_at, n)
on conflict (client, domain, source) do update set 
    value = excluded.value,
    expires_at = excluded.expires_at;

-- admin_put of spf_network
insert into spf_network (domain, first_address, last_address, expires_at)
select domain, first_address, last_address, expires_at
from unnest(cast(:p0 as text[]), cast(:p1 as text[]), cast(:p2 as text[]), cast(:p3 as bigint[])) with ordinality as k(domain, first_address, last_address, expires_at, n)
on conflict (domain, first_address) do update set 
    last_address = excluded.last_address,
    expires_at = excluded.expires_at;

-- catalog_tables
with t as (
    select distinct on (c.relname) c.oid, c.relname
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname = any(current_schemas(false)) and c.relname in ('connect', 'from_awl', 'domain_awl', 'config', 'optin_domain', 'optin_email', 'optout_domain', 'optout_email', 'client_awl', 'lists', 'expectation', 'pool', 'organisation', 'daily', 'daily_delay', 'fact', 'spf_network')
    order by c.relname, array_position(current_schemas(false), n.nspname))
select cast(relname as text), '', 0 from t;

-- catalog_columns
with t as (
    select distinct on (c.relname) c.oid, c.relname
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname = any(current_schemas(false)) and c.relname in ('connect', 'from_awl', 'domain_awl', 'config', 'optin_domain', 'optin_email', 'optout_domain', 'optout_email', 'client_awl', 'lists', 'expectation', 'pool', 'organisation', 'daily', 'daily_delay', 'fact', 'spf_network')
    order by c.relname, array_position(current_schemas(false), n.nspname))
select cast(t.relname as text), cast(a.attname as text), cast(y.typname as text),
    case when y.typname in ('varchar', 'bpchar') and a.atttypmod > 4 then a.atttypmod - 4 else 0 end,
    '', 0,
    case when a.attnotnull and not a.atthasdef and a.attidentity = '' then 1 else 0 end, 0
from t
join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
join pg_catalog.pg_type y on y.oid = a.atttypid
order by t.relname, a.attnum;

-- catalog_indexes
with t as (
    select distinct on (c.relname) c.oid, c.relname
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname = any(current_schemas(false)) and c.relname in ('connect', 'from_awl', 'domain_awl', 'config', 'optin_domain', 'optin_email', 'optout_domain', 'optout_email', 'client_awl', 'lists', 'expectation', 'pool', 'organisation', 'daily', 'daily_delay', 'fact', 'spf_network')
    order by c.relname, array_position(current_schemas(false), n.nspname))
select cast(t.relname as text), cast(x.relname as text),
    cast(i.indisunique as integer), cast(i.indisprimary as integer),
    cast(i.indisvalid and i.indimmediate and i.indpred is null and i.indexprs is null and m.amname = 'btree' as integer),
    coalesce(cast(a.attname as text), '')
from t
join pg_catalog.pg_index i on i.indrelid = t.oid
join pg_catalog.pg_class x on x.oid = i.indexrelid
join pg_catalog.pg_am m on m.oid = x.relam
cross join lateral unnest(cast(i.indkey as smallint[])) with ordinality as k(attnum, n)
left join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum
where k.n <= i.indnkeyatts
order by t.relname, x.relname, k.n;

-- missing_rights
with t as (
    select distinct on (c.relname) c.oid, c.relname
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname = any(current_schemas(false)) and c.relname in ('connect', 'from_awl', 'domain_awl', 'config', 'optin_domain', 'optin_email', 'optout_domain', 'optout_email', 'client_awl', 'lists', 'expectation', 'pool', 'organisation', 'daily', 'daily_delay', 'fact', 'spf_network')
    order by c.relname, array_position(current_schemas(false), n.nspname))
select 'table ' || t.relname || ' does not belong to ' || current_user || ', who has to change it: as a superuser type "alter table ' || t.relname || ' owner to ' || quote_ident(current_user) || '"'
from t join pg_catalog.pg_class c on c.oid = t.oid
where not pg_has_role(current_user, c.relowner, 'usage')
union all
select current_user || ' may not make tables in schema ' || current_schema() || ', as a superuser type "grant create on schema ' || quote_ident(current_schema()) || ' to ' || quote_ident(current_user) || '"'
where not has_schema_privilege(current_schema(), 'create');

