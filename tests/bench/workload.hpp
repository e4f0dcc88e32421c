// What the load generator asks: requests as Postfix 3.7's smtpd sends them, made from a seed, so that two
// daemons can be asked the same.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>

namespace sqlgrey::bench {

// Who sends to whom. client_name is always "unknown", so that the identity of the client is its
// whole address whatever the patterns of the daemon under test say.
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

inline std::string request_text(const Mail& mail, std::uint64_t instance) {
    return "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\nclient_address=" +
           mail.address +
           "\nclient_name=unknown\nclient_port=40000\nreverse_client_name=unknown\nserver_address=192.0.2.1\n"
           "server_port=25\nhelo_name=mx." +
           mail.domain + "\nsender=" + mail.name + '@' + mail.domain + "\nrecipient=" + mail.recipient +
           "\nrecipient_count=0\nqueue_id=\ninstance=" + std::to_string(instance) +
           ".5f3a.0\nsize=4096\netrn_domain=\nstress=\nsasl_method=\nsasl_username=\n"
           "sasl_sender=\nccert_subject=\nccert_issuer=\nccert_fingerprint=\nccert_pubkey_fingerprint=\n"
           "encryption_protocol=\nencryption_cipher=\nencryption_keysize=0\npolicy_context=\n\n";
}

// An endless row of requests.
//   new    every mail is new
//   awl    every mail is one of `known` that the database was given before (--print-awl)
//   fill   each of those once, in order: teaches a server that keeps no SQL tables
//   mixed  of ten mails seven are known, two new, one the retry of a new one that comes too early
class Workload {
  public:
    Workload(const std::string& kind, std::uint64_t seed, std::uint64_t known)
        : seed_(seed), known_(known), random_(seed) {
        if (kind == "new") {
            share_new_ = 100;
        } else if (kind == "awl") {
            share_known_ = 100;
        } else if (kind == "fill") {
            in_order_ = true;
        } else if (kind == "mixed") {
            share_known_ = 70;
            share_new_ = 20;
        } else {
            throw std::invalid_argument("workload '" + kind + "' is none of new, awl, fill, mixed");
        }
    }

    std::string next() { return request_text(next_mail(), seed_ * 1000000000 + count_++); }

  private:
    Mail next_mail() {
        if (in_order_) return known_mail(count_ % known_);
        const unsigned die = random_() % 100;
        if (die < share_known_) return known_mail(random_() % known_);
        if (die < share_known_ + share_new_ || made_ == 0) return new_mail(seed_, made_++);
        const std::uint64_t back = random_() % std::min<std::uint64_t>(made_, 1000);
        return new_mail(seed_, made_ - 1 - back);
    }

    std::uint64_t seed_;
    std::uint64_t known_;
    bool in_order_ = false;
    unsigned share_known_ = 0;
    unsigned share_new_ = 0;
    std::uint64_t made_ = 0;
    std::uint64_t count_ = 0;
    std::mt19937 random_;
};

}  // namespace sqlgrey::bench
