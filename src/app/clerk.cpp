#include "clerk.hpp"

namespace sqlgrey::app {
namespace {

struct Talk final : server::Conversation {
    service::Memory memory;
};

std::vector<const policy::Request*> requests_of(std::span<const server::Question> batch) {
    std::vector<const policy::Request*> requests;
    requests.reserve(batch.size());
    for (const server::Question& question : batch) requests.push_back(&question.request);
    return requests;
}

}  // namespace

std::shared_ptr<server::Conversation> Clerk::begin_conversation() {
    return std::make_shared<Talk>();
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
