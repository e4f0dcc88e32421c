// The parser of the policy protocol: any bytes, in pieces of any size, give the same requests.
#include "sqlgrey/policy/request.hpp"

#include "fuzz.hpp"

#include <algorithm>

using sqlgrey::policy::Parser;
using sqlgrey::policy::Request;

namespace {

std::vector<Request> in_pieces(std::string_view bytes, std::size_t length) {
    std::vector<Request> requests;
    Parser parser;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(length, bytes.size())))
        fuzz::must(parser.feed(bytes.substr(0, length), requests) == std::min(length, bytes.size()),
                   "all bytes are taken");
    return requests;
}

std::vector<std::string> lines_of(const std::vector<Request>& requests) {
    std::vector<std::string> lines;
    for (const Request& request : requests) lines.push_back(request.lines());
    return lines;
}

// For each piece another parser continues from what the previous one has kept.
std::vector<Request> handed_over(std::string_view bytes, std::size_t length) {
    std::vector<Request> requests;
    Parser parser;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(length, bytes.size()))) {
        const std::string begun = parser.begun();
        fuzz::must(parser.midway() != begun.empty(), "a request that has begun has bytes");
        parser = Parser();
        parser.feed(begun, requests);
        parser.feed(bytes.substr(0, length), requests);
    }
    return requests;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t length = std::max<std::size_t>(1, data[0]);
    const std::string_view bytes = fuzz::text_of(data + 1, size - 1);
    const std::vector<Request> requests = in_pieces(bytes, std::max<std::size_t>(1, bytes.size()));
    fuzz::must(in_pieces(bytes, length) == requests, "pieces give the same requests");
    fuzz::must(lines_of(handed_over(bytes, length)) == lines_of(requests),
               "another parser goes on with the same requests");
    for (const Request& request : requests) {
        fuzz::must(request.size() <= sqlgrey::policy::max_attributes, "names are limited");
        fuzz::must(request.malformed_lines().size() <= sqlgrey::policy::max_malformed_lines,
                   "malformed lines are limited");
        fuzz::must(request.get("sender").size() <= sqlgrey::policy::max_text, "values are cut");
    }
    return 0;
}
