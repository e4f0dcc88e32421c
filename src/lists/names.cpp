#include "names.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <stdexcept>

namespace sqlgrey::lists {
namespace {

// Hashes a text backwards, so that one pass over a host name gives the hashes of all domains above it. FNV-1a
// with the finalizer of MurmurHash3, so that every bit counts. Needs no secret key: a client can choose what
// is looked up, but not what is in the table.
class BackwardHash {
  public:
    void take(char c) { state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3; }
    std::uint64_t value() const {
        std::uint64_t h = state_;
        h = (h ^ h >> 33) * 0xff51afd7ed558ccd;
        h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53;
        return h ^ h >> 33;
    }

  private:
    std::uint64_t state_ = 0xcbf29ce484222325;
};

std::uint64_t hash_of(std::string_view text) {
    BackwardHash hash;
    for (std::size_t i = text.size(); i > 0; --i) hash.take(text[i - 1]);
    return hash.value();
}

std::uint32_t tag_of(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash >> 32);
}

}  // namespace

void Names::add(std::string_view text, Scope scope, std::int64_t line) {
    if (names_.size() == std::numeric_limits<std::uint32_t>::max())
        throw std::length_error("too many names in one list");
    names_.push_back({text_.size(), line, static_cast<std::uint16_t>(text.size()), scope});
    text_ += text;
}

void Names::finish() {
    if (names_.empty()) return;
    text_.shrink_to_fit();
    names_.shrink_to_fit();
    slots_.resize(std::bit_ceil(2 * names_.size()));
    for (std::size_t index = 0; index < names_.size(); ++index) put(index);
}

void Names::put(std::size_t index) {
    const Name& name = names_[index];
    const std::uint64_t hash = hash_of(text_of(name));
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at].index != 0) {
        if (slots_[at].tag == tag_of(hash)) {
            const Name& other = names_[slots_[at].index - 1];
            if (includes(other.scope, name.scope) && text_of(other) == text_of(name)) return;
        }
        at = (at + 1) & (slots_.size() - 1);
    }
    slots_[at] = {tag_of(hash), static_cast<std::uint32_t>(index + 1)};
}

std::optional<std::int64_t> Names::look_up(std::string_view text, std::uint64_t hash, Scope scope) const {
    for (std::size_t at = hash & (slots_.size() - 1); slots_[at].index != 0;
         at = (at + 1) & (slots_.size() - 1)) {
        if (slots_[at].tag != tag_of(hash)) continue;
        const Name& name = names_[slots_[at].index - 1];
        if (includes(name.scope, scope) && text_of(name) == text) return name.line;
    }
    return std::nullopt;
}

std::optional<std::int64_t> Names::find(std::string_view text) const {
    if (names_.empty()) return std::nullopt;
    return look_up(text, hash_of(text), Scope::itself);
}

std::optional<std::int64_t> Names::find_in_domain(std::string_view domain) const {
    if (names_.empty() || domain.empty()) return std::nullopt;
    std::optional<std::int64_t> nearest;
    BackwardHash hash;
    for (std::size_t i = domain.size(); i > 0; --i) {
        const bool is_domain_above = domain[i - 1] == '.';
        if (is_domain_above) {
            const auto found = look_up(domain.substr(i), hash.value(), Scope::below);
            if (found) nearest = found;
        }
        hash.take(domain[i - 1]);
    }
    const auto found = look_up(domain, hash.value(), Scope::itself);
    return found ? found : nearest;
}

}  // namespace sqlgrey::lists
