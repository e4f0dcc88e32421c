// sqlgreyctl explain: what would be decided about a mail now, and why.
#include "explain_page.hpp"
#include "functions.hpp"
#include "log_question.hpp"
#include "settings.hpp"
#include "sqlgrey/greylist/deferral_id.hpp"
#include "sqlgrey/lists/live_lists.hpp"
#include "sqlgrey/setup/daemon_user.hpp"
#include "sqlgrey/setup/parts.hpp"
#include "sqlgrey/setup/rules.hpp"
#include "sqlgrey/store/list_rows.hpp"
#include "sqlgrey/store/reading.hpp"
#include "values.hpp"

#include <iostream>

namespace sqlgrey::ctl {
namespace {

using greylist::Triplet;

// What the daemon decides by, without its sockets; the store only reads.
struct Daemon {
    config::Settings settings;
    log::Logger logger;
    service::Rules rules;
    std::unique_ptr<store::ReadingStore> store;
};

Daemon daemon_of(const Invocation& invocation) {
    config::Settings settings = read_settings(invocation);
    settings.levels = log::Levels{log::error};
    setup::become_daemon_user(settings);
    log::Logger logger = setup::logger_of(settings, setup::LogTo::standard_error);
    service::Rules rules = setup::rules_of(settings, logger);
    auto store = store::open_to_read(setup::target_of(settings));
    return {std::move(settings), std::move(logger), std::move(rules), std::move(store)};
}

std::shared_ptr<const lists::Lists> lists_of(const Daemon& daemon) {
    store::Target target = setup::target_of(daemon.settings);
    target.read_only = true;
    const bool in_database = daemon.settings.lists_in_database && daemon.store->has_lists();
    const std::unique_ptr<lists::Rows> rows = in_database ? store::list_rows(target) : nullptr;
    return lists::read_lists_once(setup::lists_of(daemon.settings, daemon.logger), daemon.settings.conf_dir,
                                  rows.get(), daemon.logger);
}

// -- a mail ----------------------------------------------------------------------------------

policy::Request request_of(const MailQuestion& mail) {
    policy::Request request;
    request.set("request", "smtpd_access_policy");
    request.set("protocol_state", "RCPT");
    request.set("client_address", mail.client);
    request.set("client_name", mail.name);
    request.set("helo_name", mail.helo);
    request.set("sender", mail.sender);
    request.set("recipient", mail.recipient);
    return request;
}

std::vector<PageLine> asked_of(const MailQuestion& mail) {
    std::vector<PageLine> lines;
    const auto add = [&](const char* name, const std::string& value) {
        lines.push_back({"request", name, "given", {}, {}, {}, {}, value});
    };
    add("client_address", mail.client);
    add("client_name", mail.name);
    if (!mail.helo.empty()) add("helo_name", mail.helo);
    add("sender", mail.sender.empty() ? "<>" : mail.sender);
    add("recipient", mail.recipient);
    return lines;
}

int explain_mail(const MailQuestion& mail, const Invocation& invocation) {
    if (!net::parse_address(mail.client))
        throw UsageError("--client is \"" + mail.client + "\", expected an IP address");
    const Daemon daemon = daemon_of(invocation);
    const auto lists = lists_of(daemon);
    const service::Explanation found =
        service::explain(request_of(mail), *lists, daemon.rules, *daemon.store);
    std::vector<std::string> notes = daemon.store->notes();
    if (daemon.rules.privacy)
        notes.push_back("privacy_key_file: the rows hold hashes, and were found by them");
    write_page(std::cout, page_of(found, daemon.rules, asked_of(mail), std::move(notes)),
               format_of(invocation));
    return done;
}

// -- a row of connect ------------------------------------------------------------------------

std::vector<PageLine> asked_of(const Triplet& triplet) {
    std::vector<PageLine> lines;
    const auto add = [&](const char* name, const std::string& value) {
        lines.push_back({"request", name, "given", {}, {}, {}, {}, value});
    };
    add("src", triplet.src);
    add("sender", triplet.sender_name + "@" + triplet.sender_domain);
    add("recipient", triplet.rcpt);
    return lines;
}

int explain_triplet(const Triplet& triplet, const Daemon& daemon, const Invocation& invocation) {
    const service::Explanation found = service::explain(triplet, daemon.rules, *daemon.store);
    std::vector<std::string> notes = daemon.store->notes();
    notes.push_back(
        daemon.rules.enrich
            ? "address and name of the client are not known, so lists were not asked, and facts about "
              "it, by which it might have to wait longer, were not looked up"
            : "the name of the client is not known, so lists were not asked");
    if (daemon.rules.privacy) notes.push_back("privacy_key_file: the rows hold hashes");
    write_page(std::cout, page_of(found, daemon.rules, asked_of(triplet), std::move(notes)),
               format_of(invocation));
    return done;
}

// Two workers that get the first attempt at the same time leave one row, with the earlier time; the id may
// have the later one.
constexpr base::Seconds tolerance{5};
// Most rows of connect to search for one day of an id. More means a flood: 2,000 first attempts a second.
constexpr std::size_t most_rows = 20'000;

// The row of that id, whose first attempt was at `at` by the id. `sqlgreyctl release` moves rows back by the
// longest delay, so those are searched too.
std::optional<Triplet> find_at(const std::string& id, base::Time at, const Daemon& daemon) {
    for (const base::Seconds before : {tolerance, tolerance + greylist::longest_delay(daemon.rules.policy)})
        for (const greylist::WaitingTriplet& row : daemon.store->waiting_between(at - before, at, most_rows))
            if (greylist::deferral_id(row.triplet, at) == id) return row.triplet;
    return {};
}

std::optional<Triplet> find_row(const std::string& id, const Daemon& daemon) {
    constexpr base::Seconds day{86'400};
    const base::Time now = daemon.store->now();
    const base::Seconds since_midnight{base::epoch(now) % day.count()};
    const base::Time oldest = now - daemon.rules.policy.max_connect_age - day;
    for (base::Time at = now - since_midnight + greylist::time_of_day(id); at >= oldest; at -= day)
        if (const auto row = find_at(id, at, daemon)) return row;
    return {};
}

int explain_id(const std::string& text, const Invocation& invocation) {
    const auto id = greylist::read_deferral_id(text);
    if (!id)
        throw UsageError("--id is \"" + text +
                         "\", expected the eight letters and digits after \"id\" in a reply");
    const Daemon daemon = daemon_of(invocation);
    if (const auto row = find_row(*id, daemon)) return explain_triplet(*row, daemon, invocation);
    std::cerr << "sqlgreyctl: no mail waits with id " << *id
              << ": it has passed, or its row has expired; look for it in the log\n";
    return nothing;
}

int explain_log(const std::string& line, const Invocation& invocation) {
    const auto question = question_of(line);
    if (!question)
        throw UsageError(
            "--log: this is neither a line of Postfix (\"... reject: RCPT from name[address]: ...; "
            "from=<...> "
            "to=<...>\") nor one of sqlgrey's about a mail");
    if (const auto* mail = std::get_if<MailQuestion>(&*question)) return explain_mail(*mail, invocation);
    return explain_triplet(std::get<Triplet>(*question), daemon_of(invocation), invocation);
}

void refuse_beside(const Invocation& invocation, const char* only) {
    for (const char* name : {"client", "name", "helo", "sender", "recipient", "log", "id"})
        if (invocation.has(name) && std::string_view{name} != only)
            throw UsageError(std::string{"--"} + only + " says all, so --" + name +
                             " has no place beside it");
}

}  // namespace

int explain(const Invocation& invocation) {
    for (const char* name : {"id", "log"}) {
        if (!invocation.has(name)) continue;
        refuse_beside(invocation, name);
        const std::string value = *invocation.value(name);
        return std::string_view{name} == "id" ? explain_id(value, invocation)
                                              : explain_log(value, invocation);
    }
    for (const char* name : {"client", "sender", "recipient"})
        if (!invocation.has(name))
            throw UsageError(std::string{"explain needs --"} + name +
                             " (with --client, --sender and --recipient), or --log, or --id");
    const std::string sender = mail_address_of(*invocation.value("sender"));
    const std::string recipient = mail_address_of(*invocation.value("recipient"));
    if (recipient.empty()) throw UsageError("--recipient is empty, expected user@example.net");
    return explain_mail({*invocation.value("client"), invocation.value_or("name", "unknown"),
                         invocation.value_or("helo", ""), sender == "<>" ? "" : sender, recipient},
                        invocation);
}

}  // namespace sqlgrey::ctl
