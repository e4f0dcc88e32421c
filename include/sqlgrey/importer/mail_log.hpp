// Deliveries in the log of Postfix, and of a postgrey that it asked. Pure; accepts any text.
//
// From Postfix: messages that smtpd received from a client (`client=`) and qmgr queued (`from=`), with
// recipients if the log has them; but not messages of this machine or of users who logged in. From postgrey:
// `action=pass` for the reasons "triplet found" and "client AWL".
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

// A message that was accepted from a client.
struct Delivery {
    net::Address client;
    std::string client_address;  // as logged
    std::string client_name;     // "unknown" if it has none
    std::string sender;
    std::vector<std::string> recipients;  // some of them; possibly none
    base::Time first;                     // postgrey: of the first attempt, if it was delayed
    base::Time at;
    bool client_trusted = false;  // postgrey: the client passes with any sender
    bool operator==(const Delivery&) const = default;
};

// How a line of a log is counted.
enum class LineKind {
    relevant,       // of Postfix or postgrey, with or without a delivery
    other_program,  // of another program, or empty
    not_understood
};

// Collects the lines of each message until it is complete. Not thread-safe.
class MailLog {
  public:
    using Found = std::function<void(const Delivery&)>;

    // `latest`: no line is newer (the time of the file). Times in the classic format have no year and no
    // zone: they are local, in the year before `latest`. line() and end() call `found`.
    MailLog(base::Time latest, Found found);

    // Reads one line, without its line end.
    LineKind line(std::string_view text);
    // The end of the log: messages still in the queue were accepted too.
    void end();

    // The most messages kept in memory; beyond it the oldest counts as complete.
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
    std::list<std::string> by_age_;                      // queue ids, oldest first
};

}  // namespace sqlgrey::importer
