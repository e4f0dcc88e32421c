-- When were expired rows last deleted, and when did a sqlgrey last open this database?
-- columns: parameter text, at_time text
select parameter,
    datetime(value, 'unixepoch', 'localtime') as at_time
from config
where parameter in ('last_dbclean', 'sqlgrey_opened')
order by parameter
limit 100;
