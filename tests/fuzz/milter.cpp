// The milter protocol: any bytes, in pieces of any size and handed over between them, give the same requests
// and answers, and those are well-formed.
#include "fuzz.hpp"
#include "sqlgrey/milter/session.hpp"

#include <algorithm>

using sqlgrey::milter::Session;
using sqlgrey::policy::Action;
using sqlgrey::policy::Reply;
using sqlgrey::policy::Request;

namespace {

struct Told {
    std::vector<Request> requests;
    std::string output;
    std::string fault;
    bool ended = false;
};

// One of each kind, with text from outside.
Reply reply_to(const Request& request, std::size_t number) {
    const std::string text(request.get("helo_name"));
    switch (number % 6) {
        case 0:
            return {.header = "X-Greylist: " + text};
        case 1:
            return {.action = Action::defer, .text = text};
        case 2:
            return {.action = Action::reject, .code = "550", .text = text};
        case 3:
            return {.action = Action::hold, .text = text};
        case 4:
            return {.action = Action::discard};
        default:
            return {.holds_for_message = true};
    }
}

enum class HandedOver { no, between_pieces };

Told told(std::string_view bytes, std::size_t length, HandedOver handed_over) {
    Told all;
    Session session("me", true);
    std::string input;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(length, bytes.size()))) {
        input += bytes.substr(0, length);
        for (;;) {
            const std::size_t before = all.requests.size();
            input.erase(0, session.feed(input, all.requests, all.output));
            fuzz::must(all.requests.size() <= before + 1, "one request at a time");
            if (all.requests.size() == before) break;
            session.answer(reply_to(all.requests.back(), before), all.output);
        }
        fuzz::must(input.empty(), "all bytes are taken");
        if (session.ended()) break;
        if (handed_over == HandedOver::no) continue;
        const std::string text = session.to_text();
        fuzz::must(text.size() <= 2 * sqlgrey::milter::longest_packet + 1'000'000, "what is kept is bounded");
        session = Session("another", true);
        session.resume(text);
        fuzz::must(session.to_text() == text, "the same session");
    }
    all.fault = session.fault();
    all.ended = session.ended();
    fuzz::must(all.fault.empty() || all.ended, "a fault ends the session");
    return all;
}

bool is_printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// Whole packets, with commands that mail servers know, and texts on one line.
void check_packets(std::string_view output) {
    while (!output.empty()) {
        fuzz::must(output.size() >= 5, "whole packets");
        std::size_t length = 0;
        for (const char byte : output.substr(0, 4)) length = length << 8 | static_cast<unsigned char>(byte);
        output.remove_prefix(4);
        fuzz::must(length > 0 && length <= output.size(), "whole packets");
        const char command = output.front();
        std::string_view data = output.substr(1, length - 1);
        output.remove_prefix(length);
        fuzz::must(std::string_view{"Ocadyhq"}.find(command) != std::string_view::npos, "known answers");
        if (command == 'O') continue;
        if (data.empty()) continue;
        fuzz::must(data.ends_with('\0'), "texts end");
        for (; !data.empty(); data.remove_prefix(data.find('\0') + 1))
            fuzz::must(is_printable(data.substr(0, data.find('\0'))), "texts are printable");
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t length = std::max<std::size_t>(1, data[0]);
    const std::string_view bytes = fuzz::text_of(data + 1, size - 1);
    const Told whole = told(bytes, std::max<std::size_t>(1, bytes.size()), HandedOver::no);
    check_packets(whole.output);
    for (const Request& request : whole.requests) {
        fuzz::must(request.size() <= 32, "only names of ours");
        fuzz::must(request.lines().find_first_of('\n') != std::string::npos, "attributes");
        fuzz::must(std::ranges::count(request.lines(), '\n') == static_cast<std::ptrdiff_t>(request.size()),
                   "no value has a line end");
        fuzz::must(request.get("request") == "smtpd_access_policy", "a request about a recipient");
    }
    for (const HandedOver handed_over : {HandedOver::no, HandedOver::between_pieces}) {
        const Told pieces = told(bytes, length, handed_over);
        fuzz::must(pieces.output == whole.output, "pieces give the same answers");
        fuzz::must(pieces.fault == whole.fault && pieces.ended == whole.ended, "pieces end alike");
        fuzz::must(pieces.requests.size() == whole.requests.size(), "pieces give as many requests");
        for (std::size_t i = 0; i < whole.requests.size(); ++i)
            fuzz::must(pieces.requests[i].get("recipient") == whole.requests[i].get("recipient") &&
                           pieces.requests[i].get("client_name") == whole.requests[i].get("client_name") &&
                           pieces.requests[i].get("instance") == whole.requests[i].get("instance"),
                       "pieces give the same requests");
    }
    Session any("me", true);
    any.resume(bytes);
    return 0;
}
