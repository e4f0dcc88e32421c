// Putting into the tables what another greylisting server, or a mail log, knows already.
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
// A client that was accepted after so many retries: a row of client_awl.
struct KnownClient {
    std::string src;
    long long passes = 0;
    Seen seen;
    bool operator==(const KnownClient&) const = default;
};
using Import = std::variant<KnownSender, WaitingTriplet, KnownClient>;

// At most so many are taken at a time: a lock is then held for some milliseconds.
inline constexpr std::size_t import_batch = 256;

class Importing {
  public:
    virtual ~Importing() = default;

    // Takes a batch, in one transaction. For each, in order: true if a row was made or changed for it, false
    // if the tables knew as much already; doing it again changes nothing. No row gets worse by it, nor by
    // what workers and others write at the same time: last_seen moves forward only, first_seen backward only
    // (but for a row that no longer counts, see `policy`), passes only grow. A sender whose domain is
    // auto-whitelisted at that source, or a triplet whose sender is, makes no row; a new sender's waiting
    // triplets go. Throws StoreFailure: nothing of this batch is written (or, if the connection broke in
    // COMMIT, perhaps all).
    virtual std::vector<bool> take(std::span<const Import> batch, const Policy& policy, base::Time now) = 0;
};

}  // namespace sqlgrey::greylist
