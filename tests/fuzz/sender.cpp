// Senders and recipients of any bytes: bounded, and the deverped name matches the sender's. The first line is
// the recipient.
#include "fuzz.hpp"
#include "sqlgrey/mail/address.hpp"

using namespace sqlgrey;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view from = fuzz::text_of(data, size);
    const std::string_view to = fuzz::cut_line(from);
    const mail::Sender sender = mail::sender(from, to);
    fuzz::must(sender.name.size() <= mail::max_sender_name, "the name is cut");
    fuzz::must(sender.deverped.size() <= mail::max_sender_name, "the deverped name is cut");
    fuzz::must(sender.domain.size() <= mail::max_domain, "the domain is cut");
    fuzz::must(mail::recipient(to).size() <= mail::max_recipient, "the recipient is cut");
    fuzz::must(mail::sender(from, to) == sender, "the same again");
    fuzz::must(mail::matches_deverped(sender.deverped, sender.deverped), "a deverped name stands for itself");
    mail::matches_deverped(sender.deverped, from.substr(0, mail::max_sender_name), sender.own_hashes);
    return 0;
}
