// What an evaluation asks, with the limits of RFC 7208 section 4.6.4. Whoever cannot go on throws:
// MissingAnswers or EvaluationError, which evaluate() and covered() catch.
#pragma once

#include "sqlgrey/spf/evaluate.hpp"
#include "sqlgrey/spf/record.hpp"

#include <optional>

namespace sqlgrey::spf {

inline constexpr int most_terms = 10;  // that ask DNS, in all records together
inline constexpr int most_void_lookups = 2;
inline constexpr std::size_t most_names = 10;  // of an MX or PTR

// Questions without an answer yet.
struct MissingAnswers {
    Questions questions;
};

// temperror or permerror, and why.
struct EvaluationError {
    Verdict verdict;
    std::string reason;
};

class Lookups {
  public:
    // Both must outlive it. `v6`: whether the client's addresses are looked up in AAAA or A.
    Lookups(const net::DnsAnswers& answers, bool v6) : answers_(answers), v6_(v6) {}

    // Counts a term that asks DNS; a lookup that finds nothing, or may.
    void count_term();
    void count_void_lookup(const std::string& lookup);

    // The SPF record of the domain, parsed; nothing if there is none.
    std::optional<Record> record(const std::string& domain);
    // Addresses of the client's family; of the mail servers of the domain.
    std::vector<net::Address> addresses(const std::string& host);
    std::vector<net::Address> mail_server_addresses(const std::string& domain);
    bool has_ipv4_address(const std::string& name);
    // The names of the address that have it among their addresses, ten at most. Errors give no names. At most
    // the first lookup counts as void, for ptr: the names are not the sender's.
    enum class VoidLookup { counts, is_ignored };
    std::vector<std::string> validated_names(const net::Address& client, VoidLookup void_lookup);
    // The only TXT record of the name; empty if there is none, more than one, or an error. Not counted.
    std::string text(const std::string& name);

  private:
    net::RecordType family() const { return v6_ ? net::RecordType::aaaa : net::RecordType::a; }
    // Null if the name cannot be asked about.
    const net::DnsAnswer* known(const std::string& name, net::RecordType type) const;
    // The same, with errors as EvaluationError and void lookups counted.
    const net::DnsAnswer* counted(const std::string& name, net::RecordType type);
    void need_all(const std::vector<std::string>& names) const;

    const net::DnsAnswers& answers_;
    bool v6_;
    int terms_ = 0;
    int void_lookups_ = 0;
};

}  // namespace sqlgrey::spf
