// A hash table of host names, domains and mail addresses, all in lower case.
//
// All texts are in one buffer. Besides its text, a name takes 24 bytes and 16 to 32 bytes of slots; a node of
// std::unordered_map with its string would take 90 bytes or more, and a list may hold a million names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::lists {

// Which names an entry matches: its own, all below it, or both. Each bit is one of the first two.
enum class Scope : std::uint8_t { itself = 1, below = 2, itself_and_below = itself | below };

constexpr bool includes(Scope scope, Scope part) {
    const auto bits = static_cast<unsigned>(part);
    return (static_cast<unsigned>(scope) & bits) == bits;
}

// find() and find_in_domain() may be called by several threads after finish().
class Names {
  public:
    // The text is not empty and at most 64 KiB.
    void add(std::string_view text, Scope scope, std::int64_t line);
    // Call it once, when all are added. Of equal texts with equal scopes the first counts.
    void finish();
    bool empty() const { return names_.empty(); }

    // The line of the entry that is exactly this text and matches itself.
    std::optional<std::int64_t> find(std::string_view text) const;
    // The line of the entry that matches this domain or host: itself, or the nearest domain above it.
    std::optional<std::int64_t> find_in_domain(std::string_view domain) const;

  private:
    struct Name {
        std::size_t at;  // in text_
        std::int64_t line;
        std::uint16_t length;
        Scope scope;
    };
    struct Slot {
        std::uint32_t tag = 0;    // of the hash
        std::uint32_t index = 0;  // in names_, from 1; 0: free
    };
    std::string_view text_of(const Name& name) const { return {text_.data() + name.at, name.length}; }
    void put(std::size_t index);
    std::optional<std::int64_t> look_up(std::string_view text, std::uint64_t hash, Scope scope) const;

    std::string text_;
    std::vector<Name> names_;
    std::vector<Slot> slots_;  // a power of two; at least half are free
};

}  // namespace sqlgrey::lists
