#include "clerk.hpp"

#include <optional>
#include <string>

namespace sqlgrey::app {
namespace {

// Three lines: an `instance` comes from a line of a request, so there is no line end in it.
struct Talk final : server::Conversation {
    std::string saved() const override {
        if (memory == service::Memory{}) return {};
        return memory.instance_with_header + '\n' + memory.instance_accepted + '\n' +
               (memory.told_of_strange_request ? "told\n" : "\n");
    }

    service::Memory memory;
};

// Takes the next line off; a text that ends before is none.
std::optional<std::string> next_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || end > policy::max_text) return {};
    std::string line(text.substr(0, end));
    text.remove_prefix(end + 1);
    return line;
}

service::Memory memory_of(std::string_view saved) {
    const auto with_header = next_line(saved);
    const auto accepted = next_line(saved);
    const auto told = next_line(saved);
    if (!with_header || !accepted || !told) return {};
    return {*with_header, *accepted, *told == "told"};
}

std::vector<const policy::Request*> requests_of(std::span<const server::Question> batch) {
    std::vector<const policy::Request*> requests;
    requests.reserve(batch.size());
    for (const server::Question& question : batch) requests.push_back(&question.request);
    return requests;
}

}  // namespace

std::shared_ptr<server::Conversation> Clerk::begin_conversation(std::string_view saved) {
    auto talk = std::make_shared<Talk>();
    talk->memory = memory_of(saved);
    return talk;
}

std::vector<policy::Reply> Clerk::answer_without_database(std::span<const server::Question> batch) {
    return service_.answer_without_database(requests_of(batch));
}

std::vector<policy::Reply> Clerk::answer_meanwhile(std::span<const server::Question> batch) {
    return service_.answer_meanwhile(requests_of(batch));
}

std::vector<policy::Reply> Clerk::answer(std::span<const server::Question> batch) {
    std::vector<service::Item> items;
    items.reserve(batch.size());
    for (const server::Question& question : batch)
        items.push_back({&question.request, &static_cast<Talk&>(*question.conversation).memory});
    return service_.answer(items);
}

}  // namespace sqlgrey::app
