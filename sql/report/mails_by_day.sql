-- How many mails were known, waited, were new, or never came back, on each day? From the daily statistics of all hosts.
-- columns: day text, known number, not_greylisted number, passed_after_waiting number, first_attempts number, deferred_again number, blacklisted number, without_database number, never_retried number
select day,
    sum(case when name in ('from_awl', 'domain_awl', 'client_awl') then count else 0 end) as known,
    sum(case when name in ('whitelisted', 'opted_out', 'unsuspicious', 'expected', 'dnswl', 'message_accepted')
        then count else 0 end) as not_greylisted,
    sum(case when name = 'reconnect_ok' then count else 0 end) as passed_after_waiting,
    sum(case when name = 'first_attempt' then count else 0 end) as first_attempts,
    sum(case when name in ('early_reconnect', 'throttled') then count else 0 end) as deferred_again,
    sum(case when name = 'blacklisted' then count else 0 end) as blacklisted,
    sum(case when name in ('passed_by_policy', 'deferred_by_policy') then count else 0 end) as without_database,
    sum(case when name = 'never_retried' then count else 0 end) as never_retried
from daily
group by day
order by day desc
limit 400;
