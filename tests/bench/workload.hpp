// What the load generator asks: mails, and the requests in which Postfix 3.7's smtpd would ask about them.
// Made from a seed, so that two daemons can be asked the same.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>

namespace sqlgrey::bench {

// Who sends to whom. client_name is "unknown", so that the identity of the client is its whole address
// whatever the patterns of the daemon under test say; or, where clients are `named`, that of a server of the
// sender domain, and the servers of each domain of new mails are in two networks.
struct Mail {
    std::string name;
    std::string domain;
    std::string address;
    std::string recipient;
};

inline std::string letters(std::uint64_t number) {
    // No digits and only g-z: folding of sender names must leave it alone.
    std::string text;
    do {
        text += static_cast<char>('g' + number % 20);
        number /= 20;
    } while (number != 0);
    return text;
}

inline std::string address_of(std::uint64_t number) {
    return "10." + std::to_string(number >> 16 & 255) + '.' + std::to_string(number >> 8 & 255) + '.' +
           std::to_string(number & 255);
}

// The number-th mail of those the auto-whitelist knows.
inline Mail known_mail(std::uint64_t number) {
    return {"sender" + letters(number), "known" + letters(number % 997) + ".example", address_of(number),
            "user" + letters(number % 503) + "@example.net"};
}

// A mail nobody has seen before this run of this seed.
inline Mail new_mail(std::uint64_t seed, std::uint64_t number) {
    return {"new" + letters(seed) + 'x' + letters(number), "fresh" + letters(number % 9973) + ".example",
            address_of(number * 2654435761u), "user" + letters(number % 503) + "@example.net"};
}

// The same from a server of the domain.
inline Mail new_mail_of_named(std::uint64_t seed, std::uint64_t number) {
    constexpr std::uint64_t domains = 997, networks = 2;
    const std::uint64_t domain = number % domains, network = number / domains % networks;
    Mail mail = new_mail(seed, number);
    mail.domain = "fresh" + letters(domain) + ".example";
    mail.address = address_of((domain * networks + network) * 256 + number * 2654435761u % 256);
    return mail;
}

// One client and one sender that try ever new recipients, as one who guesses addresses from a dictionary.
inline Mail guessed_mail(std::uint64_t seed, std::uint64_t number) {
    return {"guesser", "dictionary.example", "192.0.2.66",
            "user" + letters(seed) + '.' + letters(number) + "@example.net"};
}

inline std::string request_text(const Mail& mail, std::uint64_t instance, bool named) {
    return "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\nclient_address=" +
           mail.address + "\nclient_name=" + (named ? "mx." + mail.domain : "unknown") +
           "\nclient_port=40000\nreverse_client_name=unknown\nserver_address=192.0.2.1\n"
           "server_port=25\nhelo_name=mx." +
           mail.domain + "\nsender=" + mail.name + '@' + mail.domain + "\nrecipient=" + mail.recipient +
           "\nrecipient_count=0\nqueue_id=\ninstance=" + std::to_string(instance) +
           ".5f3a.0\nsize=4096\netrn_domain=\nstress=\nsasl_method=\nsasl_username=\n"
           "sasl_sender=\nccert_subject=\nccert_issuer=\nccert_fingerprint=\nccert_pubkey_fingerprint=\n"
           "encryption_protocol=\nencryption_cipher=\nencryption_keysize=0\npolicy_context=\n\n";
}

// One packet of the milter protocol.
inline std::string packet(char command, const std::string& data = "") {
    const auto length = static_cast<std::uint32_t>(data.size() + 1);
    std::string bytes;
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(length >> shift & 0xff);
    return bytes + command + data;
}

// What a milter is told about that mail by a mail server that re-uses the connection for another client: all
// but the last packet without waiting for an answer, as Sendmail 8.17 and Postfix 3.7 do.
inline std::string milter_text(const Mail& mail, bool named) {
    const auto ended = [](const std::string& text) { return text + '\0'; };
    const std::string name = named ? "mx." + mail.domain : "[" + mail.address + "]";
    const std::string resolved = named ? "OK" : "FAIL";
    return packet('K') +
           packet('D', "C" + ended("{client_name}") + ended(name) + ended("{client_resolve}") +
                           ended(resolved) + ended("{client_ptr}") + ended(name) + ended("{if_addr}") +
                           ended("192.0.2.1")) +
           packet('C', ended(name) + "4\x9c\x40" + ended(mail.address)) +
           packet('H', ended("mx." + mail.domain)) + packet('D', "M" + ended("i") + ended("6ARL5kpv028314")) +
           packet('M', ended('<' + mail.name + '@' + mail.domain + '>') + ended("SIZE=4096")) +
           packet('D', "R" + ended("i") + ended("6ARL5kpv028314")) +
           packet('R', ended('<' + mail.recipient + '>'));
}

// A mail, and whether nobody has seen it before.
struct Turn {
    Mail mail;
    bool is_new;
};

// An endless row of mails.
//   new         every mail is new
//   awl         every mail is one of `known` that the database was given before (--print-awl)
//   fill        each of those once, in order
//   mixed       of ten mails seven are known, two new, one the retry of a new one that comes too early
//   dictionary  every mail is from the same client and sender, to a new recipient
class Workload {
  public:
    Workload(const std::string& kind, std::uint64_t seed, std::uint64_t known, bool named = false)
        : kind_(kind), seed_(seed), known_(known), named_(named), random_(seed) {
        if (kind == "new") {
            share_new_ = 100;
        } else if (kind == "awl") {
            share_known_ = 100;
        } else if (kind == "mixed") {
            share_known_ = 70;
            share_new_ = 20;
        } else if (kind != "fill" && kind != "dictionary") {
            throw std::invalid_argument("workload '" + kind +
                                        "' is none of new, awl, fill, mixed, dictionary");
        }
    }

    Turn next() {
        const std::uint64_t number = count_++;
        if (kind_ == "fill") return {known_mail(number % known_), false};
        if (kind_ == "dictionary") return {guessed_mail(seed_, number), true};
        const unsigned die = random_() % 100;
        if (die < share_known_) return {known_mail(random_() % known_), false};
        if (die < share_known_ + share_new_ || made_ == 0) return {made_mail(made_++), true};
        const std::uint64_t back = random_() % std::min<std::uint64_t>(made_, 1000);
        return {made_mail(made_ - 1 - back), false};
    }

    std::string next_milter_text() { return milter_text(next().mail, named_); }

    std::string next_request() {
        const std::uint64_t instance = seed_ * 1000000000 + count_;
        return request_text(next().mail, instance, named_);
    }

  private:
    Mail made_mail(std::uint64_t number) const {
        return named_ ? new_mail_of_named(seed_, number) : new_mail(seed_, number);
    }

    std::string kind_;
    std::uint64_t seed_;
    std::uint64_t known_;
    bool named_;
    unsigned share_known_ = 0;
    unsigned share_new_ = 0;
    std::uint64_t made_ = 0;
    std::uint64_t count_ = 0;
    std::mt19937 random_;
};

}  // namespace sqlgrey::bench
