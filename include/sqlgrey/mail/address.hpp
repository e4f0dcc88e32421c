// Sender and recipient as they are compared and stored (src/greylist/README.md section 4). Pure; time is at
// most the product of the two lengths, for any input.
//
// The rules must be exactly those of SQLgrey 1.8, or existing rows are no longer found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sqlgrey::mail {

inline constexpr std::size_t max_sender_name = 64;
inline constexpr std::size_t max_domain = 255;
inline constexpr std::size_t max_recipient = 255;
inline constexpr std::string_view undefined = "-undef-";  // for an absent name or domain

// Which '#' of a deverped name were in the sender's own name: a bit each, the lowest for the first. Those are
// literal; only those that deverp() inserted stand for other text. In the tables both are the same '#', as in
// SQLgrey 1.8.
using OwnHashes = std::uint64_t;

// A sender in lower case, cut to the width of the columns.
struct Sender {
    std::string name;  // as sent, in lower case; the key in connect
    std::string domain;
    std::string deverped;  // with its changing parts replaced; the key in from_awl
    OwnHashes own_hashes = 0;
    bool operator==(const Sender&) const = default;
};

// The sender of a message to that recipient; an empty one is not looked for in the name. Both are raw, of any
// length, without line ends.
Sender sender(std::string_view from, std::string_view recipient);

// The recipient, in lower case, cut at 255 bytes.
std::string recipient(std::string_view raw);

// The domain that mail goes to: what follows the last '@' (a quoted local part may contain others). Nothing
// if there is no '@'.
std::optional<std::string_view> domain_after_last_at(std::string_view address);
// What is between the first '@' and the next one, which SQLgrey 1.8 looks up in the opt tables; empty if
// there is none.
std::string_view domain_after_first_at(std::string_view address);

// The sender name with what changes from mail to mail (SRS, VERP, BATV, extensions, serial numbers) replaced
// by '#' or "RCPT". Name and recipient must be in lower case. Not cut.
std::string deverp(std::string_view name, std::string_view recipient);

// Calls take(character, is_any_run) for each character of a deverped name; is_any_run is true for a '#' that
// deverp() inserted.
template <typename Take>
void for_each_in_pattern(std::string_view deverped, OwnHashes own_hashes, Take take) {
    for (const char c : deverped) {
        const bool is_own = own_hashes & 1U;
        take(c, c == '#' && !is_own);
        if (c == '#') own_hashes >>= 1U;
    }
}

// True if `name` matches the pattern `deverped`: each '#' that deverp() inserted matches any run of
// characters, also an empty one; all others match themselves. Decides which rows of connect are deleted.
bool matches_deverped(std::string_view deverped, std::string_view name, OwnHashes own_hashes = 0);

}  // namespace sqlgrey::mail
