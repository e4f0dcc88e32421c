// Under which identities the rows of a client stand. A sender that is known under the first is asked no
// further; of strangers the others count too, so that a row is found whatever the client was taken for when
// it was written.
#pragma once

#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/greylist/triplet.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::greylist {

// A network counts as a pool's for so long after one of the pool was seen in it, and that is written once a
// day.
inline constexpr base::Seconds pool_memory{std::chrono::hours{24 * 7}};
inline constexpr base::Seconds pool_memory_step{std::chrono::hours{24}};

// What is known of a sender under one identity, that of triplet.src.
struct Rung {
    Triplet triplet;
    Known known;
    bool is_client = false;  // the identity that client_awl and connect_src_throttle know
};

struct Ladder {
    Rung home;  // where new rows stand
    std::vector<Rung> others{};
    // False: the client is taken for one of the pool because of its network alone. Rows elsewhere let it
    // pass, but the pool does not inherit them.
    bool is_verified = true;
    std::optional<RememberPool> memory{};  // to be written with what else is
    // With pool_unproven_retries, of a client without a pool: the row of its network; see row_of_letter().
    std::optional<Triplet> letter{};
};

// Where retries without proof are counted: each network that a letter came from has a row in connect, with
// this src, which no client has, a hash of sender name and recipient as its sender_name, and the network as
// its rcpt. So no other table, column or index is needed, and the rows expire with what waits.
inline constexpr std::string_view src_of_letters = "*";
Triplet row_of_letter(const Triplet& letter, const std::string& network);

// Decides as decide() does of the home rung, but the rows of all rungs count: one that lets the sender pass
// is written at home as well, and of several attempts the first one counts. An accepted triplet also leaves
// each identity that it has waited under as if it had been accepted there, as a Perl SQLgrey beside us would
// have done. With connect_src_throttle, which counts the rows of single clients, a first attempt has a row
// under the client's own identity as well.
Outcome decide(const Ladder& ladder, base::Time now, const Policy& policy, const RequestFlags& flags = {});

// What is known under all identities together: what the rules see.
Known known_of(const Ladder& ladder, base::Time now, const Policy& policy);

// The triplet of the row in connect that an early retry has found; else that of the home rung.
const Triplet& waiting_triplet(const Ladder& ladder, const Outcome& outcome);

// Brings all rungs up to date with an outcome before it in the same batch. Gives what that affects most.
Affected apply(const Outcome& outcome, Ladder& ladder);

}  // namespace sqlgrey::greylist
