// Logs of any bytes, with lines of Postfix and postgrey, and the deliveries in them.
#include "fuzz.hpp"
#include "sqlgrey/importer/import_report.hpp"
#include "sqlgrey/importer/lines.hpp"
#include "sqlgrey/importer/mapping.hpp"

#include <sstream>

using namespace sqlgrey::importer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const TargetRules rules{{}, {}, sqlgrey::base::at(2'000'000'000)};
    ImportReport report;
    MailLog log(rules.now, [&](const Delivery& delivery) { report.count(mapped(delivery, rules)); });
    std::istringstream text{std::string(fuzz::text_of(data, size))};
    LineReader lines(text);
    while (const auto line = lines.next()) report.count_line(log.line(line->text), "log", line->number);
    log.end();
    fuzz::must(!report.shown().empty(), "the count is shown");
    return 0;
}
