// Entries that are well formed and say something else than was meant: one that everybody fits, one that
// nobody can fit, bits that do not count. Pure.
#pragma once

#include "entry.hpp"

#include <string>
#include <vector>

namespace sqlgrey::lists {

struct Doubt {
    // In a blacklist an entry that nearly everybody fits is not taken: it would refuse all mail a second
    // later.
    bool is_refused = false;
    std::string why;  // goes behind the quoted entry: what is wrong, and what to write
};

// Of a network, name or address. The public suffixes are those of ICANN, as libpsl was built with them.
std::vector<Doubt> doubts_about(ListName list, const Network& network);
std::vector<Doubt> doubts_about(ListName list, const Key& key);
// Of an expression: it is tried on some unlike names or addresses. Bounded, as net::Pattern is.
std::vector<Doubt> doubts_about(ListName list, const net::Pattern& pattern);

}  // namespace sqlgrey::lists
