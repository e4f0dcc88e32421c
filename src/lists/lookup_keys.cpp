#include "lookup_keys.hpp"

#include "entry.hpp"
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/mail/address.hpp"

namespace sqlgrey::lists {
namespace {

constexpr std::size_t max_name = 255;  // bytes; no host has a longer name

std::string name_of(std::string_view client_name) {
    std::string name = client_name.size() > max_name ? std::string() : base::ascii_lower(client_name);
    if (name == "unknown") name.clear();
    return name;
}

}  // namespace

LookupKeys::LookupKeys(const policy::Attempt& asked)
    : attempt(asked),
      client_name(name_of(asked.client_name)),
      sender(asked.sender.empty() ? "<>" : base::ascii_lower(asked.sender)),
      recipient(base::ascii_lower(asked.recipient)),
      sender_domain(mail::domain_after_last_at(sender).value_or(std::string_view{})),
      recipient_user(std::string_view(recipient).substr(0, recipient.rfind('@'))),
      recipient_domain(mail::domain_after_last_at(recipient).value_or(std::string_view{})) {
}

bool name_fits_sender(const LookupKeys& keys) {
    const std::string_view name = keys.client_name;
    const std::string_view domain = keys.sender_domain;
    if (domain.empty() || !name.ends_with(domain)) return false;
    return name.size() == domain.size() || name[name.size() - domain.size() - 1] == '.';
}

}  // namespace sqlgrey::lists
