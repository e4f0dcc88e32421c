// The rows of the table about mail.
#include "rows.hpp"
#include "sections.hpp"
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/text.hpp"

namespace sqlgrey::config {

using std::chrono::days;
using std::chrono::seconds;

std::vector<Parameter> greylisting_rows() {
    return {
        seconds_row({"reconnect_delay", "5", "How long a sender must wait before a retry passes."}, "min",
                    days{7}, seconds{0}, &Settings::reconnect_delay),
        count_row({"retry_count", "1",
                   "How many retries after that must come until one passes; those of the same minute count "
                   "once."},
                  {1, 20}, &Settings::retry_count),
        seconds_row({"max_connect_age", "24",
                     "How long a first attempt is remembered; a retry after that counts as a first attempt."},
                    "h", days{365}, seconds{1}, &Settings::max_connect_age),
        seconds_row({"awl_age", "60", "How long a sender stays auto-whitelisted after its last mail."}, "d",
                    days{3650}, seconds{1}, &Settings::awl_age),
        count_row({"group_domain_level", "2",
                   "Number of different senders of a domain after which the whole domain is "
                   "auto-whitelisted; 0 means never."},
                  {0, 1'000'000}, &Settings::group_domain_level),
        count_row({"connect_src_throttle", "0",
                   "Number of unanswered first attempts after which an unknown client is deferred without "
                   "being remembered; 0 means never."},
                  {0, 1'000'000}, &Settings::connect_src_throttle),
        count_row({"auto_whitelist_clients", "0",
                   "Number of accepted retries after which a client is auto-whitelisted, for any sender; 0 "
                   "means never."},
                  {0, 1'000'000}, &Settings::auto_whitelist_clients),
        choice_row({"greymethod", "smart",
                    "Which part of a client's address counts: the class C network unless its name looks like "
                    "a dial-up line (smart), all of it (full), always the class C network (classc), or the "
                    "network of ipv4_prefix or ipv6_prefix bits (prefix)."},
                   &Settings::greymethod,
                   {{"smart", GreyMethod::smart},
                    {"full", GreyMethod::full},
                    {"classc", GreyMethod::classc},
                    {"prefix", GreyMethod::prefix}}),
        count_row(
            {"ipv4_prefix", "24", "How many leading bits of an IPv4 address count, if greymethod is prefix."},
            {1, 32}, &Settings::ipv4_prefix),
        count_row(
            {"ipv6_prefix", "64", "How many leading bits of an IPv6 address count, if greymethod is prefix."},
            {1, 128}, &Settings::ipv6_prefix),
        flag_row({"pools", "off",
                  "Treat the servers of one organisation, by their verified names, as one client: a retry "
                  "may come from any of them."},
                 &Settings::pools),
        count_row(
            {"pool_crowd", "20",
             "Number of first attempts without a retry after which the clients of an organisation count "
             "by greymethod again, if fewer than one in five were retried; 0 means never."},
            {0, 1'000'000}, &Settings::pool_crowd),
        count_row({"pool_unproven_retries", "0",
                   "Number of other networks from which a letter must come back before it is accepted, where "
                   "nothing proves that its clients belong together; 0 means never."},
                  {0, 20}, &Settings::pool_unproven_retries),
        path_row(
            {"public_suffix_list", "",
             "File of the public suffix list, which tells organisations apart; empty means the system's."},
            &Settings::public_suffix_list),
        flag_row({"message_coherence", "on",
                  "Accept a message for all its recipients once it is accepted for one of them."},
                 &Settings::message_coherence),
        flag_row({"training", "off",
                  "Let all mail pass, but decide, remember and log as usual, to get to know senders before "
                  "any mail is deferred."},
                 &Settings::training),
        choice_row({"optmethod", "none",
                    "Whose mail is greylisted: that of all recipients (none), of those who asked for it "
                    "(optin), or of all except those who asked not to (optout)."},
                   &Settings::optmethod,
                   {{"none", OptMethod::none}, {"optin", OptMethod::optin}, {"optout", OptMethod::optout}}),
        flag_row(
            {"discrimination", "off", "Greylist only requests that a rule of discrimination.regexp matches."},
            &Settings::discrimination),
        flag_row({"discrimination_add_rulenr", "off",
                  "Append the number of the rule that matched to the text of the reply."},
                 &Settings::discrimination_add_rulenr),
    };
}

std::vector<Parameter> list_rows() {
    return {
        row({"whitelist_clients", "",
             "Files of clients that are not greylisted, in postgrey's form, in addition to those in "
             "conf_dir; several are separated by commas."},
            Type::list, "", [](Settings& s, std::string_view v) { s.whitelist_clients = read_paths(v); }),
        row({"whitelist_recipients", "",
             "Files of recipients whose mail is not greylisted, in postgrey's form, in addition to those in "
             "conf_dir; several are separated by commas."},
            Type::list, "", [](Settings& s, std::string_view v) { s.whitelist_recipients = read_paths(v); }),
        flag_row({"whitelist_senders_verified", "off",
                  "Apply an entry of whitelist_senders only if the verified name of the client is the "
                  "sender's domain or below it."},
                 &Settings::whitelist_senders_verified),
        flag_row(
            {"lists_in_database", "on",
             "Read lists from the database too, for all hosts that share it, in addition to those in files."},
            &Settings::lists_in_database),
    };
}

std::vector<Parameter> reply_rows() {
    return {
        row({"prepend", "1", "Add an X-Greylist header to mail that passes, saying why."}, Type::flag,
            "1 or 0", [](Settings& s, std::string_view v) { s.prepend = read_flag(v); }),
        choice_row({"reject_first_attempt", "delay",
                    "How a first attempt is refused: after Postfix's other restrictions (delay) or at once "
                    "with reject_code (immed)."},
                   &Settings::reject_first_attempt, {{"delay", Reject::delay}, {"immed", Reject::immed}}),
        row({"reject_early_reconnect", "",
             "How a retry before reconnect_delay is refused; empty means as reject_first_attempt."},
            Type::choice, "delay, immed or empty",
            [](Settings& s, std::string_view v) {
                const std::string word = base::ascii_lower(base::trimmed(v));
                if (!word.empty() && word != "delay" && word != "immed") {
                    throw std::invalid_argument("expected delay, immed or nothing");
                }
                if (word.empty())
                    s.reject_early_reconnect = s.reject_first_attempt;
                else
                    s.reject_early_reconnect = word == "immed" ? Reject::immed : Reject::delay;
            }),
        row({"reject_code", "450",
             "Code or word of a reply that refuses at once; dunno lets all mail pass, to watch what "
             "would happen."},
            Type::text, "400 to 499, dunno, defer, defer_if_permit or defer_if_reject",
            [](Settings& s, std::string_view v) { s.reject_code = read_reject_code(v); }),
        row({"greylist_text", "",
             "Text of a reply that defers: %s stands for the seconds left to wait, %m for the minutes, "
             "rounded up, %r for the recipient's domain, %% for a percent sign; empty means Greylisted "
             "for N minutes, as reconnect_delay says."},
            Type::text, "", [](Settings& s, std::string_view v) { s.greylist_text = read_greylist_text(v); }),
        flag_row({"reply_id", "off",
                  "Append an id of the deferral to the text of the reply and to its log line; sqlgreyctl "
                  "explain --id shows its details."},
                 &Settings::reply_id),
        row({"blacklist_reply", "554 5.7.1 Mail from here is not accepted",
             "Reply to blacklisted clients and senders: 4xx, 5xx, reject, discard, hold, "
             "defer, defer_if_permit or defer_if_reject, and a text."},
            Type::text, "", [](Settings& s, std::string_view v) { s.blacklist_reply = read_refusal(v); }),
        row({"x_greylist_header", "",
             "Header of mail that passes, if prepend is on: %w stands for sqlgrey's reason why it passes, %t "
             "for the seconds it was delayed, %d for the date, %h for hostname, %v for the "
             "version, %% for a percent sign; empty means X-Greylist: %w."},
            Type::text, "", [](Settings& s, std::string_view v) { s.x_greylist_header = read_header(v); }),
        row({"hostname", "", "Name of this machine for %h in x_greylist_header; empty means its own."},
            Type::text, "", [](Settings& s, std::string_view v) { s.hostname = read_host_name(v); }),
    };
}

}  // namespace sqlgrey::config
