-- Prints the statements that put the rows of a SQLite file into MySQL or MariaDB. Run it with sqlite3 as HOWTO.md, "Moving
-- from SQLite to a server", says. Texts are in hexadecimal and times in UTC, so that neither the character set of the
-- client nor its time zone changes them, and a backslash stays one.
select 'set time_zone = ''+00:00'';';
select 'begin;';
select printf('insert into connect (sender_name, sender_domain, src, rcpt, first_seen) '
    || 'values (x''%s'', x''%s'', x''%s'', x''%s'', from_unixtime(%d)) '
    || 'on duplicate key update src = values(src);',
    hex(sender_name), hex(sender_domain), hex(src), hex(rcpt), first_seen)
from connect;
select printf('insert into from_awl (sender_name, sender_domain, src, first_seen, last_seen) '
    || 'values (x''%s'', x''%s'', x''%s'', from_unixtime(%d), from_unixtime(%d)) '
    || 'on duplicate key update src = values(src);',
    hex(sender_name), hex(sender_domain), hex(src), first_seen, last_seen)
from from_awl;
select printf('insert into domain_awl (sender_domain, src, first_seen, last_seen) '
    || 'values (x''%s'', x''%s'', from_unixtime(%d), from_unixtime(%d)) '
    || 'on duplicate key update src = values(src);',
    hex(sender_domain), hex(src), first_seen, last_seen)
from domain_awl;
select printf('insert into client_awl (src, passes, last_counted, first_seen, last_seen) '
    || 'values (x''%s'', %d, from_unixtime(%d), from_unixtime(%d), from_unixtime(%d)) '
    || 'on duplicate key update src = values(src);',
    hex(src), passes, last_counted, first_seen, last_seen)
from client_awl;
select printf('insert into lists (list, entry, reason, added_by, hits, added_at, expires_at, last_hit) '
    || 'values (x''%s'', x''%s'', x''%s'', x''%s'', %d, from_unixtime(%d), %s, %s) '
    || 'on duplicate key update entry = values(entry);',
    hex(list), hex(entry), hex(reason), hex(added_by), hits, added_at,
    case when expires_at is null then 'null' else printf('from_unixtime(%d)', expires_at) end,
    case when last_hit is null then 'null' else printf('from_unixtime(%d)', last_hit) end)
from lists;
select printf('insert into expectation (rcpt, sender_domain, expires_at, added_by, reason) '
    || 'values (x''%s'', x''%s'', %d, x''%s'', x''%s'') '
    || 'on duplicate key update rcpt = values(rcpt);',
    hex(rcpt), hex(sender_domain), expires_at, hex(added_by), hex(reason))
from expectation;
select printf('insert into pool (member, pool, evidence, first_seen, last_seen) '
    || 'values (x''%s'', x''%s'', x''%s'', from_unixtime(%d), from_unixtime(%d)) '
    || 'on duplicate key update member = values(member);',
    hex(member), hex(pool), hex(evidence), first_seen, last_seen)
from pool;
select printf('insert into organisation (src, never_came_back, came_back, halved_at, crowd) '
    || 'values (x''%s'', %d, %d, from_unixtime(%d), %d) '
    || 'on duplicate key update src = values(src);',
    hex(src), never_came_back, came_back, halved_at, crowd)
from organisation;
select printf('insert into daily (day, host, name, run, count) '
    || 'values (x''%s'', x''%s'', x''%s'', %d, %d) '
    || 'on duplicate key update run = values(run);',
    hex(day), hex(host), hex(name), run, count)
from daily;
select printf('insert into daily_delay (day, host, up_to, run, count) '
    || 'values (x''%s'', x''%s'', %d, %d, %d) '
    || 'on duplicate key update run = values(run);',
    hex(day), hex(host), up_to, run, count)
from daily_delay;
select printf('insert into optin_domain (domain) values (x''%s'') '
    || 'on duplicate key update domain = values(domain);', hex(domain))
from optin_domain;
select printf('insert into optin_email (email) values (x''%s'') '
    || 'on duplicate key update email = values(email);', hex(email))
from optin_email;
select printf('insert into optout_domain (domain) values (x''%s'') '
    || 'on duplicate key update domain = values(domain);', hex(domain))
from optout_domain;
select printf('insert into optout_email (email) values (x''%s'') '
    || 'on duplicate key update email = values(email);', hex(email))
from optout_email;
select 'commit;';
