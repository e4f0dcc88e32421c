-- connect gets a key, so that a triplet has one row however many see it at once. Of the rows that Perl left for one
-- triplet the oldest first_seen that still counts (max_connect_age) wins; if none counts, the newest. The lock keeps
-- a Perl SQLgrey beside us from adding a duplicate between the two. connect_idx goes: the key begins with its columns.
lock table connect in access exclusive mode;
delete from connect
using (
    select ctid as id, row_number() over (
        partition by src, sender_domain, sender_name, rcpt
        order by
            case when first_seen >= {counts_since} then 0 else 1 end,
            case when first_seen >= {counts_since} then first_seen end,
            first_seen desc) as place
    from connect) as ranked
where connect.ctid = ranked.id and ranked.place > 1;
alter table connect add primary key (src, sender_domain, sender_name, rcpt);
drop index if exists connect_idx;
