-- When were expired rows last deleted, and when did a sqlgrey last open this database?
-- columns: parameter text, at_time text
select parameter,
    from_unixtime(value) as at_time
from config
where parameter in ('last_dbclean', 'sqlgrey_opened')
order by parameter
limit 100;
