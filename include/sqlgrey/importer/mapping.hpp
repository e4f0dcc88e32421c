// From records of postgrey and deliveries in mail logs to rows of our tables. Pure.
//
// If the client or sender of a record could be several of ours, the record is unusable, with the reason,
// except for the case in identities_of().
#pragma once

#include "sqlgrey/greylist/importing.hpp"
#include "sqlgrey/importer/mail_log.hpp"
#include "sqlgrey/importer/postgrey.hpp"
#include "sqlgrey/mail/address.hpp"
#include "sqlgrey/net/identity.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::importer {

// The options that postgrey was run with, under the same names and with its defaults.
struct PostgreyOptions {
    bool lookup_by_host = false;  // records of postgrey 1.36 and later show it
    int ipv4cidr = 24;
    int ipv6cidr = 64;
    base::Seconds delay{300};
    long long auto_whitelist_clients = 5;
};

// The settings that sqlgrey runs with.
struct TargetRules {
    net::IdentityRules identity;
    greylist::Policy policy;
    base::Time now;
};

// What becomes of a record.
enum class RecordStatus {
    trusted,  // passes with postgrey, and will pass here
    waiting,  // deferred by postgrey; its time goes on counting here
    expired,  // too old by our settings
    unusable
};

// A record as rows of our tables.
struct Mapped {
    RecordStatus status = RecordStatus::unusable;
    std::string_view why{};  // unusable: the reason, a constant
    std::vector<greylist::Import> rows{};
};

// The clients of a network of `length` bits: their identities here, or why they are unknown. With `smart` a
// whole address has two: its network, for most mail servers, and itself, for clients without a name or with
// one of a dial-up line; the dump does not have their names. A row of the wrong kind matches no client, or
// only neighbours that are named like servers.
struct Identities {
    std::vector<std::string> texts{};
    std::string_view why_none{};
};
Identities identities_of(const net::Address& network, int length, const net::IdentityRules& rules);

// A sender as postgrey stored it, as our tables do; nothing if that depends on the numbers that postgrey
// replaced. Sender::name is the name as sent only if it contains no '#'.
std::optional<mail::Sender> sender_from_postgrey(std::string_view sender, std::string_view recipient);

// The rows of a record, or why it has none. Never throw.
Mapped mapped(const PostgreyTriplet& triplet, const PostgreyOptions& source, const TargetRules& target);
Mapped mapped(const PostgreyClient& client, const PostgreyOptions& source, const TargetRules& target);
Mapped mapped(const Delivery& delivery, const TargetRules& target);

}  // namespace sqlgrey::importer
