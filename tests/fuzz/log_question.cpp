// A line of a log for `sqlgreyctl explain`: any text; what is found in it is part of the line.
#include "../../src/ctl/log_question.hpp"

#include "fuzz.hpp"
#include "sqlgrey/net/address.hpp"

using namespace sqlgrey;

namespace {

struct Check {
    std::string_view line;

    void in_line(const std::string& text) const {
        fuzz::must(line.find(text) != std::string_view::npos, "what is asked about stands in the line");
    }
    void operator()(const ctl::MailQuestion& mail) const {
        fuzz::must(net::parse_address(mail.client).has_value(), "the client is an address");
        for (const std::string* text : {&mail.name, &mail.helo, &mail.sender, &mail.recipient})
            in_line(*text);
    }
    void operator()(const greylist::Triplet& triplet) const {
        for (const std::string* text :
             {&triplet.src, &triplet.sender_domain, &triplet.sender_name, &triplet.rcpt})
            in_line(*text);
        fuzz::must(triplet.deverped.empty(), "a line does not show the deverped name");
    }
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view line = fuzz::text_of(data, size);
    if (const auto question = ctl::question_of(line)) std::visit(Check{line}, *question);
    return 0;
}
