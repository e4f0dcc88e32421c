// Finds entries that are well formed but probably not what was meant: they match everybody, or nobody, or
// have host bits set. Pure.
#pragma once

#include "entry.hpp"

#include <string>
#include <vector>

namespace sqlgrey::lists {

struct Doubt {
    // A blacklist must not accept it: it would refuse nearly all mail within a second.
    bool is_refused = false;
    std::string why;  // what is wrong, and what to write instead; follows the quoted entry
};

// Doubts about a network, or about a name or address; empty if there are none. The public suffixes are those
// of ICANN that libpsl was built with.
std::vector<Doubt> doubts_about(ListName list, const Network& network);
std::vector<Doubt> doubts_about(ListName list, const Key& key);
std::vector<Doubt> doubts_about(ListName list, const P0fEntry& entry);
// Doubts about an expression, found by trying it on seven names or addresses that have little in common.
// Takes bounded time, like net::Pattern.
std::vector<Doubt> doubts_about(ListName list, const net::Pattern& pattern);

}  // namespace sqlgrey::lists
