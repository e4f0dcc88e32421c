-- Rows of the auto-white-lists lie in the tree of their key, not in a table of their own beside it: a row is found by
-- one way down instead of two, which is what a look-up in a large table costs. Nothing that SQLgrey 1.8 or an admin asks
-- for changes. connect stays as it is: its index of first_seen would hold whole keys, and new rows would be slower.
create table from_awl_by_key (
    sender_name varchar(64) not null,
    sender_domain varchar(255) not null,
    src varchar(39) not null,
    first_seen timestamp not null,
    last_seen timestamp not null,
    primary key (src, sender_domain, sender_name)) without rowid;
insert into from_awl_by_key (sender_name, sender_domain, src, first_seen, last_seen)
select sender_name, sender_domain, src, first_seen, last_seen from from_awl
order by src, sender_domain, sender_name;
drop table from_awl;
alter table from_awl_by_key rename to from_awl;
create index from_awl_lseen on from_awl (last_seen);
create table domain_awl_by_key (
    sender_domain varchar(255) not null,
    src varchar(39) not null,
    first_seen timestamp not null,
    last_seen timestamp not null,
    primary key (src, sender_domain)) without rowid;
insert into domain_awl_by_key (sender_domain, src, first_seen, last_seen)
select sender_domain, src, first_seen, last_seen from domain_awl
order by src, sender_domain;
drop table domain_awl;
alter table domain_awl_by_key rename to domain_awl;
create index domain_awl_lseen on domain_awl (last_seen);
