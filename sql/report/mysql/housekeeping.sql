-- When were expired rows deleted last, and when did a sqlgrey open this database last?
select parameter,
    from_unixtime(value) as at_time
from config
where parameter in ('last_dbclean', 'sqlgrey_opened')
order by parameter;
