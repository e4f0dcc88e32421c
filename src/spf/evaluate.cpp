#include "sqlgrey/spf/evaluate.hpp"

#include "lookups.hpp"
#include "macros.hpp"
#include "same_network.hpp"
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/mail/address.hpp"

#include <algorithm>
#include <array>

namespace sqlgrey::spf {
namespace {

// RFC 7208 sets no limit; what is shown to a person.
constexpr std::size_t longest_explanation = 1000;

// ::ffff:0:0/96 holds the IPv4 addresses.
constexpr std::array<std::uint8_t, 12> in_ipv6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

net::Address without_mapping(const net::Address& address) {
    if (!address.v6 || !std::equal(in_ipv6.begin(), in_ipv6.end(), address.bytes.begin())) return address;
    net::Address v4;
    std::copy(address.bytes.begin() + in_ipv6.size(), address.bytes.end(), v4.bytes.begin());
    return v4;
}

Verdict verdict_of(Qualifier qualifier) {
    switch (qualifier) {
        case Qualifier::pass:
            return Verdict::pass;
        case Qualifier::fail:
            return Verdict::fail;
        case Qualifier::softfail:
            return Verdict::softfail;
        case Qualifier::neutral:
            break;
    }
    return Verdict::neutral;
}

// True if `name` is the domain or a name below it.
bool is_below(const std::string& name, const std::string& domain) {
    const std::string lower = base::ascii_lower(name), end = base::ascii_lower(domain);
    return lower == end || lower.ends_with("." + end);
}

class Evaluation {
  public:
    Evaluation(const Check& check, const net::DnsAnswers& answers)
        : client_(without_mapping(check.client)),
          now_(check.now),
          helo_(check.helo),
          lookups_(answers, client_.v6) {
        sender_domain_ = mail::domain_after_last_at(check.sender).value_or(check.sender);
        if (sender_domain_.size() < check.sender.size())
            local_part_ = check.sender.substr(0, check.sender.size() - sender_domain_.size() - 1);
        if (local_part_.empty()) local_part_ = "postmaster";
        if (check.sender.empty()) sender_domain_ = helo_;
        if (sender_domain_.ends_with('.')) sender_domain_.pop_back();
    }

    Result run() {
        Result result{.domain = sender_domain_};
        if (!is_domain(sender_domain_)) {
            result.reason = "the sender has no domain that DNS could know";
            return result;
        }
        result = check_host(sender_domain_);
        if (result.verdict == Verdict::fail) result.explanation = explanation_of(result.domain);
        return result;
    }

  private:
    static bool is_domain(const std::string& name) {
        return net::is_dns_name(name) && name.find('.') != std::string::npos && !name.starts_with('[');
    }

    // check_host() of RFC 7208 section 4. Errors are thrown.
    Result check_host(std::string domain) {
        while (true) {
            const auto record = lookups_.record(domain);
            if (!record) return {.domain = domain, .reason = domain + " has no SPF record"};
            if (auto matched = first_match(*record, domain)) return *matched;
            if (!record->redirect)
                return {.verdict = Verdict::neutral, .domain = domain, .reason = "no term matches"};
            lookups_.count_term();
            domain = expand_name(*record->redirect, values(domain));
            if (!lookups_.record(domain)) throw no_record(domain);
        }
    }

    static EvaluationError no_record(const std::string& domain) {
        return {Verdict::permerror, domain + " has no SPF record, though another record refers to it"};
    }

    std::optional<Result> first_match(const Record& record, const std::string& domain) {
        for (const Term& term : record.terms) {
            Result result{.verdict = verdict_of(term.qualifier), .domain = domain, .terms = {term.text}};
            if (term.mechanism == Mechanism::include) {
                const auto inner = passed_include(term, domain);
                if (!inner) continue;
                result.terms.insert(result.terms.end(), inner->begin(), inner->end());
                return result;
            }
            if (matches(term, domain)) return result;
        }
        return {};
    }

    // The terms that decided in the included record, if its result is pass.
    std::optional<std::vector<std::string>> passed_include(const Term& term, const std::string& domain) {
        lookups_.count_term();
        const std::string included = name_in(term, domain);
        Result inner = check_host(included);
        if (inner.verdict == Verdict::none) throw no_record(included);
        if (inner.verdict != Verdict::pass) return {};
        return std::move(inner.terms);
    }

    bool matches(const Term& term, const std::string& domain) {
        switch (term.mechanism) {
            case Mechanism::all:
                return true;
            case Mechanism::ip4:
            case Mechanism::ip6:
                return in_network(term.address, term);
            case Mechanism::a:
                lookups_.count_term();
                return in_any(lookups_.addresses(name_in(term, domain)), term);
            case Mechanism::mx:
                lookups_.count_term();
                return in_any(lookups_.mail_server_addresses(name_in(term, domain)), term);
            case Mechanism::exists:
                lookups_.count_term();
                return lookups_.has_ipv4_address(name_in(term, domain));
            case Mechanism::ptr:
                lookups_.count_term();
                return has_name_below(name_in(term, domain));
            case Mechanism::include:
                break;  // passed_include()
        }
        return false;
    }

    bool in_network(const net::Address& address, const Term& term) const {
        return same_network(address, client_, client_.v6 ? term.length6 : term.length4);
    }
    bool in_any(const std::vector<net::Address>& addresses, const Term& term) const {
        return std::ranges::any_of(addresses, [&](const net::Address& one) { return in_network(one, term); });
    }
    bool has_name_below(const std::string& domain) {
        return std::ranges::any_of(lookups_.validated_names(client_, Lookups::VoidLookup::counts),
                                   [&](const std::string& name) { return is_below(name, domain); });
    }

    std::string name_in(const Term& term, const std::string& domain) {
        return term.domain.empty() ? domain : expand_name(term.domain, values(domain));
    }

    MacroValues values(const std::string& domain) {
        return {client_, now_, helo_, local_part_, sender_domain_, domain, [this, &domain] {
                    return name_for_macro(domain);
                }};
    }

    // %{p}: the domain itself if the client has that name, else a name below it, else any, else "unknown".
    std::string name_for_macro(const std::string& domain) {
        const std::vector<std::string> names =
            lookups_.validated_names(client_, Lookups::VoidLookup::is_ignored);
        if (names.empty()) return "unknown";
        const std::string wanted = base::ascii_lower(domain);
        for (const std::string& name : names)
            if (base::ascii_lower(name) == wanted) return name;
        for (const std::string& name : names)
            if (is_below(name, domain)) return name;
        return names.front();
    }

    // What the domain publishes for those whose mail is refused; empty if there is none, or it is wrong.
    std::string explanation_of(const std::string& domain) {
        const auto record = lookups_.record(domain);
        if (!record || !record->explanation) return {};
        try {
            const std::string text = lookups_.text(expand_name(*record->explanation, values(domain)));
            if (text.size() > longest_record) return {};
            check_macros(text, MacroPlace::explanation);
            return expand(text, values(domain)).substr(0, longest_explanation);
        } catch (const SyntaxError&) {
            return {};
        } catch (const EvaluationError&) {  // of %{p}
            return {};
        }
    }

    net::Address client_;
    base::Time now_;
    std::string helo_;
    std::string local_part_;
    std::string sender_domain_;
    Lookups lookups_;
};

}  // namespace

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::none:
            return "none";
        case Verdict::neutral:
            return "neutral";
        case Verdict::pass:
            return "pass";
        case Verdict::fail:
            return "fail";
        case Verdict::softfail:
            return "softfail";
        case Verdict::temperror:
            return "temperror";
        case Verdict::permerror:
            break;
    }
    return "permerror";
}

std::variant<Result, Questions> evaluate(const Check& check, const net::DnsAnswers& answers) {
    try {
        return Evaluation{check, answers}.run();
    } catch (MissingAnswers& missing) {
        return std::move(missing.questions);
    } catch (const EvaluationError& error) {
        return Result{.verdict = error.verdict, .reason = error.reason};
    }
}

}  // namespace sqlgrey::spf
