// The log line about a decision for log_format = json.
#include "decision_line.hpp"
#include "sqlgrey/log/json_line.hpp"

namespace sqlgrey::service::events {
namespace {

using greylist::Triplet;
using greylist::Verdict;
using log::JsonLine;

void add_text(JsonLine& json, std::string_view name, std::string_view value) {
    if (!value.empty()) json.text(name, value);
}

// As Postfix sent them; with privacy_key_file, sender and recipient as hashes.
void add_attributes(JsonLine& json, const DecisionRecord& r) {
    const policy::Attempt& a = r.attempt;
    const Triplet& t = r.triplet;
    const bool hashed = r.hashed && !t.rcpt.empty();
    add_text(json, "queue_id", a.queue_id);
    add_text(json, "instance", a.instance);
    json.text("client_address", a.client_address).text("client_name", a.client_name);
    json.text("sender", hashed ? std::string_view{t.deverped} : a.sender);
    json.text("recipient", hashed ? std::string_view{t.rcpt} : a.recipient);
    add_text(json, "source", t.src);
}

void add_list_entry(JsonLine& json, const lists::EntryRef& entry) {
    json.text("list", text_of(entry.list)).text("list_source", entry.source);
    json.number(entry.is_row ? "list_row" : "list_line", entry.line);
}

// With pools there may be one for each identity of the client, but a name stands in an object once.
void add_promotion(JsonLine& json, const greylist::Outcome& outcome) {
    for (const greylist::Change& change : outcome.changes) {
        const bool is_sender = std::holds_alternative<greylist::PutFromAwl>(change);
        if (!is_sender && !std::holds_alternative<greylist::PutDomainAwl>(change)) continue;
        json.text("promoted_to", is_sender ? "from_awl" : "domain_awl");
        return;
    }
}

// What is known about the client.
void add_facts(JsonLine& json, const greylist::ClientFacts& facts) {
    if (facts.dnswl) json.text("dnswl", greylist::name_of(*facts.dnswl));
    if (!facts.dnsbl_zones.empty()) json.number("dnsbl", facts.dnsbl).text("dnsbl_zones", facts.dnsbl_zones);
    if (facts.spf) json.text("spf", spf::name_of(*facts.spf));
    if (facts.spf_covers) json.text("spf_covers", "yes");
    add_text(json, "p0f_os", facts.p0f_os);
    add_text(json, "p0f_link", facts.p0f_link);
    if (facts.p0f_distance) json.number("p0f_distance", *facts.p0f_distance);
}

std::string json_line(const DecisionRecord& r, const Place& place) {
    const greylist::Outcome& outcome = r.outcome;
    JsonLine json(place.category, place.level);
    json.text("verdict", greylist::name(outcome.verdict))
        .text("action", outcome.goes_on ? "pass" : action_of(outcome.verdict));
    add_attributes(json, r);
    if (outcome.verdict == Verdict::not_a_policy_request) json.text("request", r.attempt.request);
    if (outcome.row) json.time("first_seen", outcome.row->first);
    if (outcome.verdict == Verdict::reconnect_ok) json.number("waited", outcome.waited.count());
    if (outcome.left.count() > 0) json.number("left", outcome.left.count());
    if (outcome.sleep.count() > 0) json.number("sleep", outcome.sleep.count());
    add_text(json, "id", outcome.id);
    if (outcome.discrimination_rule > 0) json.number("discrimination_rule", outcome.discrimination_rule);
    if (outcome.entry) add_list_entry(json, *outcome.entry);
    add_promotion(json, outcome);
    if (r.facts) add_facts(json, *r.facts);
    return json.line();
}

}  // namespace

void write_json(const log::Logger& logger, const DecisionRecord& record) {
    write_one_line(logger, record.outcome.verdict,
                   [&](const Place& place) { return json_line(record, place); });
}

}  // namespace sqlgrey::service::events
