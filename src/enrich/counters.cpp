#include "sqlgrey/enrich/counters.hpp"

namespace sqlgrey::enrich {
namespace {

// FNV-1a: it must be the same in all processes and versions that share the memory.
std::uint64_t key_of(std::string_view source) {
    std::uint64_t key = 14'695'981'039'346'656'037U;
    for (const char c : source) key = (key ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
    return key == 0 ? 1 : key;
}

}  // namespace

ListState& state_of(Counters& counters, std::string_view source) {
    const std::uint64_t key = key_of(source);
    for (ListState& state : counters.lists) {
        std::uint64_t none = 0;
        if (state.key == key || state.key.compare_exchange_strong(none, key)) return state;
    }
    return counters.lists.back();
}

const ListState* find_state(const Counters& counters, std::string_view source) {
    const std::uint64_t key = key_of(source);
    for (const ListState& state : counters.lists) {
        if (state.key == key) return &state;
        if (state.key == 0) return nullptr;  // they are taken in order
    }
    return nullptr;
}

bool is_doubted(const Counters& counters, std::string_view source, base::Time now) {
    const ListState* state = find_state(counters, source);
    return state && state->is_doubted(now);
}

}  // namespace sqlgrey::enrich
