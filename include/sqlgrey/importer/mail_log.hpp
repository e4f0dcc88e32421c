// Deliveries, from the log of a Postfix and of a postgrey in it. Pure; no text makes it fail.
//
// Of Postfix: messages that smtpd took from a client (`client=`) and qmgr put into the queue (`from=`); their
// recipients too, if the log has them. Not those of the machine itself nor of users who logged in. Of
// postgrey: `action=pass` for the reasons "triplet found" and "client AWL".
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/net/address.hpp"

#include <cstddef>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sqlgrey::importer {

struct Delivery {
    net::Address client;
    std::string client_address;  // as logged
    std::string client_name;     // "unknown" if it has none
    std::string sender;
    std::vector<std::string> recipients;  // some of them; may be empty
    base::Time first;                     // postgrey: when it was tried first, if it was made to wait
    base::Time at;
    bool client_trusted = false;  // postgrey: the client passes, whatever the sender
    bool operator==(const Delivery&) const = default;
};

// How a line of a log counts.
enum class LineKind {
    relevant,       // Postfix's or postgrey's, with a delivery or without
    other_program,  // of another program, or empty
    not_understood
};

class MailLog {
  public:
    using Found = std::function<void(const Delivery&)>;

    // `latest`: no line is younger (the file's own time). Times in the classic form have no year and no zone:
    // they are local, and of the year before `latest` ends. `found` is called by line() and end().
    MailLog(base::Time latest, Found found);

    LineKind line(std::string_view text);
    // The log is over: what is still on its way was accepted too.
    void end();

    // How many messages are kept in mind at most; beyond that the oldest counts as complete.
    static constexpr std::size_t most_messages = 50'000;

  private:
    struct Message {
        Delivery delivery;
        bool has_sender = false;
        std::list<std::string>::iterator place;
    };

    bool take(std::string_view program, std::string_view message, base::Time at);
    bool smtpd(std::string_view message, base::Time at);
    bool qmgr(std::string_view message);
    void recipient(std::string_view message);
    bool postgrey(std::string_view message, base::Time at);
    void complete(const std::string& queue_id);

    base::Time latest_;
    Found found_;
    std::unordered_map<std::string, Message> messages_;  // by queue id
    std::list<std::string> by_age_;                      // queue ids, the oldest first
};

}  // namespace sqlgrey::importer
