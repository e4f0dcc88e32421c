// A line of `sqlgreyctl import`: any text is accepted or refused, and an accepted one is the same after being
// written and read again.
#include "../../src/ctl/json.hpp"

#include "fuzz.hpp"

#include <stdexcept>

using namespace sqlgrey;

namespace {

std::optional<ctl::JsonObject> read(std::string_view line) {
    try {
        return ctl::read_json_object(line);
    } catch (const std::invalid_argument& refused) {
        fuzz::must(!std::string_view(refused.what()).empty(), "a refusal says why");
        return std::nullopt;
    }
}

std::string written(const ctl::JsonObject& object) {
    std::string line;
    for (const auto& [name, value] : object)
        line += (line.empty() ? "{" : ",") + ctl::json_text(name) + ":" + ctl::json_value(value);
    return line.empty() ? "{}" : line + "}";
}

// Quotes and control characters could end a line of export, or affect the terminal that shows it.
bool is_one_line(std::string_view line) {
    for (const char c : line)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
    return true;
}

void check_time(std::string_view text) {
    const auto time = ctl::read_rfc3339(text);
    if (!time) return;
    fuzz::must(ctl::read_rfc3339(ctl::rfc3339(*time)) == time,
               "a time is the same when written and read again");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view line = fuzz::text_of(data, size);
    check_time(line);
    const auto object = read(line);
    if (!object) return 0;
    for (const auto& [name, value] : *object)
        if (const auto* text = std::get_if<std::string>(&value)) check_time(*text);
    const std::string again = written(*object);
    fuzz::must(is_one_line(again), "what is written is one line, and harmless on a terminal");
    fuzz::must(read(again) == object, "what was read is the same when written and read again");
    return 0;
}
