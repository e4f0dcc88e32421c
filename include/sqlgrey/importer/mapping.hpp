// From records of postgrey and deliveries in mail logs to rows of our tables. Pure.
//
// A record whose client or sender could be several of ours is not guessed at: it is
// unusable, with the reason. The one exception is meant so, see identities_of().
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

// How postgrey was run: its options of the same names, with its defaults.
struct PostgreyOptions {
    bool lookup_by_host = false;  // only a postgrey before 1.36 does not say so in its records
    int ipv4cidr = 24;
    int ipv6cidr = 64;
    base::Seconds delay{300};
    long long auto_whitelist_clients = 5;
};

// How sqlgrey is run.
struct TargetRules {
    net::IdentityRules identity;
    greylist::Policy policy;
    base::Time now;
};

enum class RecordStatus {
    trusted,  // passes there, and will here
    waiting,  // deferred there, and its waiting time goes on here
    expired,  // too long ago by our settings
    unusable
};

struct Mapped {
    RecordStatus status = RecordStatus::unusable;
    std::string_view why{};  // unusable: a sentence for the admin, of the program's own
    std::vector<greylist::Import> rows{};
};

// One `length` bits long network's clients: their identities here, or why they cannot be said.
//   A whole address under `smart` has two: its network, which most mail servers are known by, and itself,
//   by which those without a name or with a dial-up line's are; their names are not in the dump. A row for
//   the other kind matches no client, or only neighbours whose names are those of servers.
struct Identities {
    std::vector<std::string> texts{};
    std::string_view why_none{};
};
Identities identities_of(const net::Address& network, int length, const net::IdentityRules& rules);

// A sender as postgrey folds it, as we see it; nothing if that depends on the numbers that are lost. The name
// that was sent (Sender::name) is known only if no '#' is in it.
std::optional<mail::Sender> unfolded(std::string_view sender, std::string_view recipient);

Mapped mapped(const PostgreyTriplet& triplet, const PostgreyOptions& source, const TargetRules& target);
Mapped mapped(const PostgreyClient& client, const PostgreyOptions& source, const TargetRules& target);
Mapped mapped(const Delivery& delivery, const TargetRules& target);

}  // namespace sqlgrey::importer
