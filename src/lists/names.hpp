// Many texts to look up by hash: host names, domains and mail addresses, all in lower case.
//
// One buffer holds the text of all, a table of 16 bytes a name leads to them: with 24 bytes for what is known
// of each about 40 to 56 bytes a name beside its text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::lists {

// The ways in which a name may be meant; a set of bits.
enum Way : std::uint8_t { itself = 1, below = 2, itself_and_below = itself | below };

class Names {
  public:
    // The text is not empty and at most 64 KiB.
    void add(std::string_view text, Way ways, long long line);
    // Once, when all are added. Of equal texts the first counts; one with other ways counts beside it.
    void finish();
    bool empty() const { return names_.empty(); }

    // The line of the entry that is this very text and means itself.
    std::optional<long long> find(std::string_view text) const;
    // The line of the entry that this domain or host fits: itself, or the nearest one it stands below.
    std::optional<long long> find_in_domain(std::string_view domain) const;

  private:
    struct Name {
        std::size_t at;  // in text_
        long long line;
        std::uint16_t length;
        std::uint8_t ways;
    };
    struct Slot {
        std::uint32_t tag = 0;    // of the hash
        std::uint32_t index = 0;  // in names_, from 1; 0: free
    };
    std::string_view text_of(const Name& name) const { return {text_.data() + name.at, name.length}; }
    void put(std::size_t index);
    std::optional<long long> look_up(std::string_view text, std::uint64_t hash, Way way) const;

    std::string text_;
    std::vector<Name> names_;
    std::vector<Slot> slots_;  // their number is a power of two; at least half of them are free
};

}  // namespace sqlgrey::lists
