// Answers of p0f, of any bytes and length; shorter ones also filled up to the right length, behind a right
// magic number and status.
#include "sqlgrey/enrich/p0f.hpp"

#include "fuzz.hpp"

#include <algorithm>
#include <cstring>
#include <string>

using namespace sqlgrey;

namespace {

void check(std::string_view bytes) {
    const auto answer = enrich::p0f_answer(bytes);
    fuzz::must(!answer || bytes.size() == enrich::p0f_answer_size, "an answer has its length");
    if (!answer) return;
    const auto is_text = [](const std::string& name) {
        return name.size() <= 63 && std::ranges::all_of(name, [](char c) { return c >= ' ' && c <= '~'; });
    };
    fuzz::must(is_text(answer->os) && is_text(answer->link), "names are short printable text");
    fuzz::must(!answer->distance || (*answer->distance >= 0 && *answer->distance <= 255), "hops of a packet");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    check(bytes);
    constexpr std::uint32_t head[] = {0x50304602, 0x10};
    std::string right(enrich::p0f_answer_size, '\0');
    std::memcpy(right.data(), head, sizeof head);
    bytes.substr(0, right.size() - sizeof head).copy(right.data() + sizeof head, right.size());
    check(right);
    return 0;
}
