-- How long did mail wait that passed as a retry: half of it, nine in ten, 99 in a hundred at most so many seconds? By day.
-- columns: day text, mails number, half_within number, nine_in_ten_within number, ninety_nine_within number
select day,
    max(mails) as mails,
    nullif(min(case when 2 * reached >= mails then seconds end), 999999999) as half_within,
    nullif(min(case when 10 * reached >= 9 * mails then seconds end), 999999999) as nine_in_ten_within,
    nullif(min(case when 100 * reached >= 99 * mails then seconds end), 999999999) as ninety_nine_within
from (
    select day, seconds,
        sum(mails) over (partition by day order by seconds) as reached,
        sum(mails) over (partition by day) as mails
    from (
        select day,
            case when up_to = 0 then 999999999 else up_to end as seconds,
            sum(count) as mails
        from daily_delay
        group by day, up_to) as bucket) as wait
group by day
order by day desc
limit 400;
