// What a worker tells the resolver child of an unknown client, after its reply has left.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/greylist/facts.hpp"
#include "sqlgrey/greylist/triplet.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::enrich {

// Texts are what the client sent (at most policy::max_text bytes), except `subject` and `letter`.
struct Stranger {
    std::string client;  // its address
    std::string helo;
    std::string sender;             // empty for <>
    greylist::FactSubject subject;  // client and sender's domain as stored; no domain: nothing to ask of it
    // The triplet that waits, as stored, and since when; nothing: nothing waits. If the SPF record of the
    // domain covers the client, it also waits under the domain's identity.
    struct Letter {
        greylist::Triplet triplet;
        base::Time first_seen;
        bool operator==(const Letter&) const = default;
    };
    std::optional<Letter> letter{};
    bool operator==(const Stranger&) const = default;
};

// The strangers of a batch as one datagram.
std::string to_datagram(std::span<const Stranger> strangers);
// Nothing from a datagram that is not understood (never from a worker of the same generation).
std::vector<Stranger> from_datagram(std::string_view datagram);

}  // namespace sqlgrey::enrich
