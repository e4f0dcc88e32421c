// A datagram is a sequence of texts, each as its length, a colon and its bytes; text_count for each stranger.
#include "sqlgrey/enrich/stranger.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace sqlgrey::enrich {
namespace {

constexpr std::size_t text_count = 10;
using Texts = std::array<std::string, text_count>;

Texts texts_of(const Stranger& one) {
    Texts texts{one.client, one.helo, one.sender, one.subject.client, one.subject.domain};
    if (!one.letter) return texts;
    const greylist::Triplet& triplet = one.letter->triplet;
    texts[5] = std::to_string(base::epoch(one.letter->first_seen));
    texts[6] = triplet.sender_domain;
    texts[7] = triplet.sender_name;
    texts[8] = triplet.deverped;
    texts[9] = triplet.rcpt;
    return texts;
}

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
    Number number = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    if (error != std::errc{} || end != last) return {};
    return number;
}

std::optional<std::string> take_text(std::string_view& rest) {
    const std::size_t colon = rest.find(':');
    if (colon == std::string_view::npos) return {};
    const auto length = number_of<std::size_t>(rest.substr(0, colon));
    if (!length || *length > rest.size() - colon - 1) return {};
    std::string text{rest.substr(colon + 1, *length)};
    rest.remove_prefix(colon + 1 + *length);
    return text;
}

std::optional<Stranger> stranger_of(Texts texts) {
    Stranger one{std::move(texts[0]),
                 std::move(texts[1]),
                 std::move(texts[2]),
                 {std::move(texts[3]), std::move(texts[4])}};
    if (texts[5].empty()) return one;
    const auto seconds = number_of<std::int64_t>(texts[5]);
    if (!seconds) return {};
    greylist::Triplet triplet{
        {}, std::move(texts[6]), std::move(texts[7]), std::move(texts[8]), std::move(texts[9])};
    one.letter = Stranger::Letter{std::move(triplet), base::Time{base::Seconds{*seconds}}};
    return one;
}

}  // namespace

std::string to_datagram(std::span<const Stranger> strangers) {
    std::string datagram;
    for (const Stranger& one : strangers)
        for (const std::string& text : texts_of(one)) datagram += std::to_string(text.size()) + ':' + text;
    return datagram;
}

std::vector<Stranger> from_datagram(std::string_view datagram) {
    std::vector<Stranger> strangers;
    while (!datagram.empty()) {
        Texts texts;
        for (std::string& text : texts) {
            std::optional<std::string> taken = take_text(datagram);
            if (!taken) return {};
            text = std::move(*taken);
        }
        std::optional<Stranger> one = stranger_of(std::move(texts));
        if (!one) return {};
        strangers.push_back(std::move(*one));
    }
    return strangers;
}

}  // namespace sqlgrey::enrich
