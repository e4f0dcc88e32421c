// The requests that the exporter of metrics gets: any bytes, in pieces of any size, get one well-formed
// response.
#include "sqlgrey/metrics/http.hpp"

#include "fuzz.hpp"

#include <algorithm>

using sqlgrey::metrics::Format;
using sqlgrey::metrics::Pages;
using sqlgrey::metrics::respond;

namespace {

const Pages pages{
    [](Format format) { return std::string{format == Format::openmetrics ? "openmetrics\n" : "text\n"}; },
    [] {
        return sqlgrey::metrics::Health{true, "ok"};
    }};

// As a client gets it whose bytes come in pieces of that length.
std::optional<std::string> in_pieces(std::string_view bytes, std::size_t length) {
    for (std::size_t size = std::min(length, bytes.size());; size = std::min(size + length, bytes.size())) {
        if (auto response = respond(bytes.substr(0, size), pages)) return response;
        if (size == bytes.size()) return {};
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t length = 16 + data[0];
    const std::string_view bytes = fuzz::text_of(data + 1, size - 1);
    const std::optional<std::string> response = respond(bytes, pages);
    fuzz::must(response || bytes.size() < sqlgrey::metrics::head_limit, "the wait for more is bounded");
    fuzz::must(in_pieces(bytes, length) == response, "pieces get the same response");
    if (!response) return 0;
    fuzz::must(response->starts_with("HTTP/1.1 "), "a response is HTTP");
    const std::size_t body = response->find("\r\n\r\n");
    fuzz::must(body != std::string::npos && response->size() - body < 64,
               "the head of a response ends, and nothing of the request is in it");
    return 0;
}
