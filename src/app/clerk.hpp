// Between the server, which knows requests and replies, and the service, which knows greylisting.
#pragma once

#include "sqlgrey/server/handler.hpp"
#include "sqlgrey/service/service.hpp"

namespace sqlgrey::app {

class Clerk final : public server::Handler {
  public:
    explicit Clerk(service::Service& service) : service_(service) {}

    std::shared_ptr<server::Conversation> begin_conversation(std::string_view saved) override;
    std::vector<policy::Reply> answer(std::span<const server::Question> batch) override;
    std::vector<policy::Reply> answer_without_database(std::span<const server::Question> batch) override;
    std::vector<policy::Reply> answer_meanwhile(std::span<const server::Question> batch) override;
    bool available() const override { return service_.available(); }
    void recover() override { service_.recover(); }
    base::Milliseconds pause_before_recover() const override { return service_.pause_before_recover(); }
    void give_up() override { service_.give_up(); }

  private:
    service::Service& service_;
};

}  // namespace sqlgrey::app
