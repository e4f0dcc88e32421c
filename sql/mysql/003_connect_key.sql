-- connect gets a key, so that a triplet has one row however many see it at once. Of the rows that Perl left for one
-- triplet the oldest first_seen that still counts (max_connect_age) wins; if none counts, the newest. A column tells
-- them apart meanwhile. Should a Perl SQLgrey beside us add a duplicate just before the key, the key is refused and all is
-- done again. connect_idx goes: the key begins with its columns.
alter table connect add column sqlgrey_row bigint unsigned not null auto_increment unique;
delete connect from connect
join (
    select sqlgrey_row, row_number() over (
        partition by src, sender_domain, sender_name, rcpt
        order by
            case when first_seen >= {counts_since} then 0 else 1 end,
            case when first_seen >= {counts_since} then first_seen end,
            first_seen desc) as place
    from connect) as ranked on connect.sqlgrey_row = ranked.sqlgrey_row
where ranked.place > 1;
alter table connect add primary key (src, sender_domain, sender_name, rcpt);
alter table connect drop column sqlgrey_row;
alter table connect drop key connect_idx;
