-- Prints the statements that put the rows of a SQLite file into PostgreSQL. Run it with sqlite3 as HOWTO.md, "Moving from
-- SQLite to a server", says. Times become local time of the session, as sqlgrey itself writes them, so run the statements
-- as its role, and in one transaction (psql -1).
select 'set client_encoding = ''UTF8''; set standard_conforming_strings = on;';
select printf('insert into connect (sender_name, sender_domain, src, rcpt, first_seen) '
    || 'values (%Q, %Q, %Q, %Q, to_timestamp(%d)::timestamp) '
    || 'on conflict do nothing;',
    sender_name, sender_domain, src, rcpt, first_seen)
from connect;
select printf('insert into from_awl (sender_name, sender_domain, src, first_seen, last_seen) '
    || 'values (%Q, %Q, %Q, to_timestamp(%d)::timestamp, to_timestamp(%d)::timestamp) '
    || 'on conflict do nothing;',
    sender_name, sender_domain, src, first_seen, last_seen)
from from_awl;
select printf('insert into domain_awl (sender_domain, src, first_seen, last_seen) '
    || 'values (%Q, %Q, to_timestamp(%d)::timestamp, to_timestamp(%d)::timestamp) '
    || 'on conflict do nothing;',
    sender_domain, src, first_seen, last_seen)
from domain_awl;
select printf('insert into client_awl (src, passes, last_counted, first_seen, last_seen) '
    || 'values (%Q, %d, to_timestamp(%d)::timestamp, to_timestamp(%d)::timestamp, to_timestamp(%d)::timestamp) '
    || 'on conflict do nothing;',
    src, passes, last_counted, first_seen, last_seen)
from client_awl;
select printf('insert into lists (list, entry, reason, added_by, hits, added_at, expires_at, last_hit) '
    || 'values (%Q, %Q, %Q, %Q, %d, to_timestamp(%d)::timestamp, %s, %s) '
    || 'on conflict do nothing;',
    list, entry, reason, added_by, hits, added_at,
    case when expires_at is null then 'null' else printf('to_timestamp(%d)::timestamp', expires_at) end,
    case when last_hit is null then 'null' else printf('to_timestamp(%d)::timestamp', last_hit) end)
from lists;
select printf('insert into expectation (rcpt, sender_domain, expires_at, added_by, reason) '
    || 'values (%Q, %Q, %d, %Q, %Q) '
    || 'on conflict do nothing;',
    rcpt, sender_domain, expires_at, added_by, reason)
from expectation;
select printf('insert into pool (member, pool, evidence, first_seen, last_seen) '
    || 'values (%Q, %Q, %Q, to_timestamp(%d)::timestamp, to_timestamp(%d)::timestamp) '
    || 'on conflict do nothing;',
    member, pool, evidence, first_seen, last_seen)
from pool;
select printf('insert into organisation (src, never_came_back, came_back, halved_at, crowd) '
    || 'values (%Q, %d, %d, to_timestamp(%d)::timestamp, %d) '
    || 'on conflict do nothing;',
    src, never_came_back, came_back, halved_at, crowd)
from organisation;
select printf('insert into daily (day, host, name, run, count) '
    || 'values (%Q, %Q, %Q, %d, %d) '
    || 'on conflict do nothing;',
    day, host, name, run, count)
from daily;
select printf('insert into daily_delay (day, host, up_to, run, count) '
    || 'values (%Q, %Q, %d, %d, %d) '
    || 'on conflict do nothing;',
    day, host, up_to, run, count)
from daily_delay;
select printf('insert into optin_domain (domain) values (%Q) '
    || 'on conflict do nothing;', domain)
from optin_domain;
select printf('insert into optin_email (email) values (%Q) '
    || 'on conflict do nothing;', email)
from optin_email;
select printf('insert into optout_domain (domain) values (%Q) '
    || 'on conflict do nothing;', domain)
from optout_domain;
select printf('insert into optout_email (email) values (%Q) '
    || 'on conflict do nothing;', email)
from optout_email;
