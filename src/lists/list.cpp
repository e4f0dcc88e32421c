// Which parts of an attempt are compared with the entries of a list.
#include "sqlgrey/lists/list.hpp"

#include "content.hpp"
#include "entry.hpp"
#include "lookup_keys.hpp"

namespace sqlgrey::lists {
namespace {

using Line = std::optional<std::int64_t>;

constexpr std::size_t most_extensions = 8;

Line find_p0f(const Content& content, const policy::Attempt& attempt) {
    for (std::size_t i = 0; content.uses_p0f && i < attempt.p0f.size(); ++i) {
        if (attempt.p0f[i].empty()) continue;
        if (const Line line = content.p0f.find(p0f_text(policy::p0f_attributes[i], attempt.p0f[i])))
            return line;
    }
    return std::nullopt;
}

Line find_client(const Content& content, const LookupKeys& keys) {
    if (keys.attempt.client)
        if (const Line line = content.networks.find(*keys.attempt.client)) return line;
    if (const Line line = content.names.find_in_domain(keys.client_name)) return line;
    if (const Line line = content.expressions.find(keys.attempt.client_name)) return line;
    return find_p0f(content, keys.attempt);
}

Line find_address(const Names& names, std::string_view user, std::string_view domain) {
    const std::string in_any_domain = std::string(user) + "@";
    const Line line = names.find(in_any_domain + std::string(domain));
    return line ? line : names.find(in_any_domain);
}

// The user as sent, then cut at each '+': an entry for "user" also matches user+anything. The number of cuts
// is limited, because no entry has that many '+' before its '@'.
Line find_user(const Names& names, std::string_view user, std::string_view domain) {
    if (const Line line = find_address(names, user, domain)) return line;
    std::size_t plus = user.find('+');
    for (std::size_t i = 0; i < most_extensions && plus != std::string_view::npos; ++i) {
        if (const Line line = find_address(names, user.substr(0, plus), domain)) return line;
        plus = user.find('+', plus + 1);
    }
    return std::nullopt;
}

Line find_recipient(const Content& content, const LookupKeys& keys) {
    if (!content.names.empty()) {
        if (const Line line = find_user(content.names, keys.recipient_user, keys.recipient_domain))
            return line;
        if (const Line line = content.names.find_in_domain(keys.recipient_domain)) return line;
    }
    return content.expressions.find(keys.attempt.recipient);
}

// Only an address or the empty sender is looked up as a whole: a name without '@' must not match a domain.
Line find_sender(const Content& content, const LookupKeys& keys) {
    if (!keys.sender_domain.empty() || keys.sender == "<>") {
        if (const Line line = content.names.find(keys.sender)) return line;
        if (const Line line = content.names.find_in_domain(keys.sender_domain)) return line;
    }
    return content.expressions.find(keys.attempt.sender);
}

}  // namespace

List::List(ListName name, std::string source, bool in_database, std::unique_ptr<const Content> content)
    : name_(name), source_(std::move(source)), in_database_(in_database), content_(std::move(content)) {
}

List::~List() = default;

std::size_t List::size() const {
    return content_->size;
}

bool List::uses_p0f() const {
    return content_->uses_p0f;
}

std::optional<std::int64_t> List::find(const LookupKeys& keys) const {
    switch (name_) {
        case ListName::whitelist_recipients:
            return find_recipient(*content_, keys);
        case ListName::whitelist_senders:
        case ListName::never_whitelist_senders:
        case ListName::blacklist_senders:
            return find_sender(*content_, keys);
        case ListName::clients_ip_whitelist:
        case ListName::clients_fqdn_whitelist:
        case ListName::whitelist_clients:
        case ListName::never_whitelist_clients:
        case ListName::blacklist_clients:
            break;
    }
    return find_client(*content_, keys);
}

}  // namespace sqlgrey::lists
