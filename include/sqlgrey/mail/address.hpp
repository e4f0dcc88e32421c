// Sender and recipient as they are compared and stored (src/greylist/README.md section 4). Pure; time is at
// most the product of the two lengths, whatever they hold.
//
// The rules must match those of SQLgrey 1.8 to the letter, or the rows an admin already has
// stop working.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sqlgrey::mail {

inline constexpr std::size_t max_sender_name = 64;
inline constexpr std::size_t max_domain = 255;
inline constexpr std::size_t max_recipient = 255;
inline constexpr std::string_view undefined = "-undef-";  // an absent name or domain

// Which '#' of a deverped name the sender has written itself: a bit each, the lowest for the first. Those
// mean themselves; only those that deverp() has put there stand for other text. In the tables both are the
// same '#', as SQLgrey 1.8 writes them.
using OwnHashes = std::uint64_t;

struct Sender {
    std::string name;  // as sent, lower case; the key in connect
    std::string domain;
    std::string deverped;  // what name stands for; the key in from_awl
    OwnHashes own_hashes = 0;
    bool operator==(const Sender&) const = default;
};

// The sender of a message to that recipient. Both raw, of any length, without line ends.
Sender sender(std::string_view from, std::string_view recipient);

// The recipient, lower case, cut at 255 bytes.
std::string recipient(std::string_view raw);

// What follows the last '@', where a local part in quotes may hold others: the domain that mail goes
// to. Nothing without any '@'.
std::optional<std::string_view> domain_behind_last_at(std::string_view address);
// What stands between the first '@' and the next one, which is what SQLgrey 1.8 looks up in the opt tables;
// empty without any.
std::string_view domain_behind_first_at(std::string_view address);

// The sender name with what changes from mail to mail (SRS, VERP, BATV, extensions, serial
// numbers) replaced by '#' or "RCPT". Name and recipient are lower case already. Not cut.
std::string deverp(std::string_view name, std::string_view recipient);

// Gives take(character, is_any_run) each character of a deverped name: a '#' that is not the sender's own is
// any run of characters.
template <typename Take>
void for_each_in_pattern(std::string_view deverped, OwnHashes own_hashes, Take take) {
    for (const char c : deverped) {
        const bool is_own = own_hashes & 1U;
        take(c, c == '#' && !is_own);
        if (c == '#') own_hashes >>= 1U;
    }
}

// True if `name` is one that `deverped` stands for: each '#' that is not the sender's own is any run of
// characters, the empty one too; all else is itself. This is what deletes rows of connect.
bool stands_for(std::string_view deverped, std::string_view name, OwnHashes own_hashes = 0);

}  // namespace sqlgrey::mail
