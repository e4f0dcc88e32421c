-- connect gets a key, so that a triplet has one row however many see it at once. Of the rows that Perl left for one
-- triplet the oldest first_seen that still counts (max_connect_age) wins; if none counts, the newest. SQLite cannot add a key to a table: it is copied. A plain INSERT of a Perl SQLgrey beside us replaces.
-- connect_idx is gone: the key begins with its columns.
create table connect_keyed (
    sender_name varchar(64) not null,
    sender_domain varchar(255) not null,
    src varchar(39) not null,
    rcpt varchar(255) not null,
    first_seen timestamp not null,
    primary key (src, sender_domain, sender_name, rcpt) on conflict replace);
insert into connect_keyed (sender_name, sender_domain, src, rcpt, first_seen)
select sender_name, sender_domain, src, rcpt,
    coalesce(min(case when first_seen >= {counts_since} then first_seen end), max(first_seen))
from connect
group by src, sender_domain, sender_name, rcpt;
drop table connect;
alter table connect_keyed rename to connect;
create index connect_fseen on connect (first_seen);
