// A Service on a store in memory, with a manual clock, and a record of the log.
#pragma once

#include "sqlgrey/service/service.hpp"
#include "sqlgrey/service/tarpit.hpp"
#include "support/memory_store.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

namespace sqlgrey::service {

using namespace std::chrono_literals;

struct ServiceTest {
    base::ManualClock clock{base::at(1'700'000'000)};
    std::vector<std::string> log_lines;
    log::Logger logger{log::Levels{}, std::make_unique<log::MemorySink>(log_lines)};
    SharedOutage board;
    Outage outage{board, 0};
    Counters counters;
    std::shared_ptr<test::MemoryStore> store = std::make_shared<test::MemoryStore>(clock);
    bool server_is_there = true;
    std::string refusal;  // the reason while it is unavailable
    int opened = 0;
    std::vector<std::string> opening_warnings;
    std::vector<std::string> mails;
    Rules rules = default_rules();
    std::shared_ptr<const lists::Lists> lists = std::make_shared<lists::Lists>();
    std::vector<std::int64_t> hits;
    std::vector<enrich::Stranger> told;  // to the resolver
    std::unique_ptr<Tarpit> tarpit{};
    std::unique_ptr<Service> service = make();
    std::shared_ptr<policy::ConnectionState> connection = std::make_shared<policy::ConnectionState>();

    static Rules default_rules() {
        Rules rules;
        rules.version = "2.0.0";
        return rules;
    }
    std::unique_ptr<Service> make() {
        auto made = std::make_unique<Service>(
            rules,
            [this]() -> OpenedStore {
                if (!server_is_there && !refusal.empty())
                    throw greylist::StoreError(greylist::StoreError::Fault::schema, refusal);
                if (!server_is_there) throw greylist::StoreUnavailable("no server");
                ++opened;
                store->failing = false;
                return {store, std::exchange(opening_warnings, {})};
            },
            outage, counters, clock, logger,
            [this](const std::string& subject, const std::string&) { mails.push_back(subject); },
            ListSource{[this] { return lists; }, [this](std::int64_t row) { hits.push_back(row); }},
            [this](std::span<const enrich::Stranger> some) {
                told.insert(told.end(), some.begin(), some.end());
            },
            tarpit.get());
        made->recover();
        return made;
    }

    static policy::Request request(const std::string& sender = "alice@example.org",
                                   const std::string& recipient = "bob@example.net",
                                   const std::string& instance = "") {
        policy::Request request;
        request.set("request", "smtpd_access_policy");
        request.set("client_address", "192.0.2.25");
        request.set("client_name", "unknown");
        request.set("sender", sender);
        request.set("recipient", recipient);
        if (!instance.empty()) request.set("instance", instance);
        return request;
    }
    std::vector<std::string> ask(const std::vector<policy::Request>& requests) {
        std::vector<std::string> actions;
        for (const policy::Reply& reply : service->answer(pending(requests)))
            actions.push_back(policy::access_line(reply));
        return actions;
    }
    std::vector<policy::PendingRequest> pending(const std::vector<policy::Request>& requests) const {
        std::vector<policy::PendingRequest> all;
        for (const policy::Request& one : requests) all.push_back({one, connection});
        return all;
    }
    std::vector<std::string> ask_without_database(const std::vector<policy::Request>& requests,
                                                  policy::Reporting reporting = policy::Reporting::here) {
        std::vector<std::string> actions;
        for (const policy::Reply& reply : service->answer_without_database(pending(requests), reporting))
            actions.push_back(policy::access_line(reply));
        return actions;
    }
    std::string ask(const policy::Request& one) { return ask(std::vector{one}).at(0); }
    bool logged(const std::string& line) const { return times_logged(line) > 0; }
    long times_logged(const std::string& line) const {
        return std::count(log_lines.begin(), log_lines.end(), line);
    }
};

}  // namespace sqlgrey::service
