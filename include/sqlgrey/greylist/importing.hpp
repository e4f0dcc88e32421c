// Writes to the tables what another greylisting server or a mail log knows.
#pragma once

#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/greylist/triplet.hpp"

#include <span>
#include <string>
#include <variant>
#include <vector>

namespace sqlgrey::greylist {

// A sender that passes at a source: a row of from_awl.
struct KnownSender {
    std::string src, sender_domain, deverped;
    Seen seen;
    mail::OwnHashes own_hashes = 0;  // of deverped
    bool operator==(const KnownSender&) const = default;
};
// A triplet that was deferred and may retry: a row of connect.
struct WaitingTriplet {
    Triplet triplet;
    base::Time first_seen;
    bool operator==(const WaitingTriplet&) const = default;
};
// A client and how many of its retries were accepted: a row of client_awl.
struct KnownClient {
    std::string src;
    long long passes = 0;
    Seen seen;
    bool operator==(const KnownClient&) const = default;
};
using Import = std::variant<KnownSender, WaitingTriplet, KnownClient>;

// The largest batch; keeps locks down to a few milliseconds.
inline constexpr std::size_t import_batch = 256;

class Importing {
  public:
    virtual ~Importing() = default;

    // Writes a batch in one transaction. Returns for each, in order: true if it made or changed a row, false
    // if the tables had it already. Idempotent. Rows only improve, whatever workers and others write at the
    // same time: last_seen moves forward, first_seen backward (unless the row no longer counts by `policy`),
    // passes grow. There is no row for a sender whose domain is auto-whitelisted for that source, nor for a
    // triplet whose sender is; a new sender's waiting triplets are deleted. Throws StoreFailure: nothing of
    // the batch is written (or, if the connection broke during COMMIT, possibly all of it).
    virtual std::vector<bool> take(std::span<const Import> batch, const Policy& policy, base::Time now) = 0;
};

}  // namespace sqlgrey::greylist
