// A report of so many days and hosts, with names as an attacker would choose them.
#pragma once

#include "sqlgrey/report/figures.hpp"

#include <string>
#include <vector>

namespace sqlgrey::report {

inline const Date last_day = std::chrono::sys_days{std::chrono::year{2026} / 11 / 27};
inline const std::vector<base::Seconds> edges{
    base::Seconds{60},   base::Seconds{120},  base::Seconds{300},   base::Seconds{420},   base::Seconds{600},
    base::Seconds{1800}, base::Seconds{3600}, base::Seconds{14400}, base::Seconds{86400}, base::Seconds{0}};

inline const std::vector<std::string> hostile_names{"\"><script>alert(1)</script>",
                                                    "]]><!--",
                                                    "\xe2\x80\xaegpj.example",
                                                    std::string(64, 'w') + ".example",
                                                    "'; rm -rf / #.example",
                                                    "a\x01\n\xff",
                                                    "&amp;.example",
                                                    "</title></style></svg>",
                                                    "$(reboot)`id`\\.example",
                                                    "javascript:alert(1)"};

inline void add_daily_of(Figures& figures, int days, int hosts) {
    std::vector<Count> counts;
    std::vector<WaitCount> waits;
    for (int d = 0; d < days; ++d)
        for (int h = 0; h < hosts; ++h) {
            const Date date = last_day - std::chrono::days{days - 1 - d};
            const std::string host = "mx" + std::to_string(h + 1) + ".example.net";
            const std::int64_t base = 100 + (d * 37 + h * 11) % 90 + (d % 7 < 5 ? 60 : 0);
            const auto add = [&](const char* name, std::int64_t count) {
                counts.push_back({date, host, name, count});
            };
            add("from_awl", base * 11);
            add("domain_awl", base * 5);
            add("whitelisted", base * 2);
            add("reconnect_ok", base);
            add("message_accepted", base / 5);
            add("first_attempt", base * 4 + (d % 50 == 30 ? base * 9 : 0));
            add("early_reconnect", base * 2);
            add("throttled", base / 4);
            add("blacklisted", base / 6);
            add("never_retried", base * 3);
            add("store_unavailable", d % 40 == 11 ? base * 2 : 0);
            add("rows:connect", 8000 + base * 4 + d * 3);
            add("rows:from_awl", 20000 + d * 40);
            add("rows:domain_awl", 900 + d);
            for (std::size_t b = 0; b < edges.size(); ++b)
                waits.push_back({date, host, edges[b],
                                 base *
                                     static_cast<std::int64_t>(b == 3   ? 9
                                                               : b == 9 ? 0
                                                                        : 1) /
                                     3});
        }
    add_daily(figures, counts, waits);
}

inline Figures figures_of(int days, int hosts) {
    Figures figures;
    figures.made = last_day + std::chrono::hours{18};
    figures.database = "PostgreSQL database sqlgrey at db.example.net";
    figures.first = last_day - std::chrono::days{days - 1};
    figures.last = last_day;
    figures.stats_interval = base::Seconds{300};
    figures.max_connect_age = std::chrono::hours{24};
    add_daily_of(figures, days, hosts);
    for (int i = 0; i < 20; ++i) {
        const std::string& name = hostile_names[static_cast<std::size_t>(i) % hostile_names.size()];
        figures.sources.push_back({i % 3 == 0 ? "192.0.2." + std::to_string(i) : name.substr(0, 39),
                                   i % 3 == 0 ? "192.0.2." + std::to_string(i) : "", name, 9000 / (i + 1),
                                   300 / (i + 1), 4000 / (i + 1),
                                   figures.made - std::chrono::minutes{i * 50}});
        figures.pools.push_back(
            {"@" + name.substr(0, 38),
             40 - i,
             i * 900,
             i * 20,
             i == 4,
             {{"192.0.2", name}, {"2001:db8:0:1", "mail" + std::to_string(i) + ".example"}}});
        const ListEntry entry{"whitelist_clients",
                              name,
                              "ticket 4711 " + name,
                              500 - i * 20,
                              figures.made - std::chrono::days{40},
                              figures.made,
                              {}};
        figures.hit_entries.push_back(entry);
        figures.unused_entries.push_back(entry);
    }
    figures.counted_rows = 100'000;
    figures.counted_all = false;
    figures.all_pools = 310;
    figures.all_entries = 90;
    figures.all_unused = 50;
    return figures;
}

}  // namespace sqlgrey::report
