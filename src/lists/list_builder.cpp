// Makes a List from lines or rows.
#include "content.hpp"
#include "doubts.hpp"
#include "entry.hpp"
#include "line.hpp"
#include "problems.hpp"
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/lists/list.hpp"

namespace sqlgrey::lists {

struct ListBuilder::State {
    State(ListName list, std::string path, bool rows)
        : name(list),
          source(std::move(path)),
          in_database(rows),
          content(std::make_unique<Content>(letter_case_of(list))) {}

    // An entry as written: its text, and its line or row.
    struct Line {
        std::string_view text;
        std::int64_t number;
    };
    std::string shown(const Line& line) const;
    // Reports doubts; returns false if the entry must not be accepted.
    bool passes(const std::vector<Doubt>& doubts, const Line& line);
    // Each adds an entry, or reports why not.
    void add(const Network& network, const Line& line);
    void add(const Key& key, const Line& line);
    void add(const Expression& expression, const Line& line);
    void add(const P0fEntry& entry, const Line& line);

    ListName name;
    std::string source;
    bool in_database;
    std::unique_ptr<Content> content;
    Problems problems;
};

namespace {

std::string why_not(ListName list, std::string_view entry) {
    if (entry.size() > max_entry) return "an entry may have " + std::to_string(max_entry) + " bytes";
    std::string why = "expected " + std::string(forms_of(list));
    if (base::ascii_lower(entry) == "unknown")
        why += "; Postfix sends unknown for a client without a verified name, which /^unknown$/ matches";
    return why;
}

}  // namespace

std::string ListBuilder::State::shown(const Line& line) const {
    const std::string number = std::to_string(line.number);
    const std::string place = in_database
                                  ? "row " + number + " of " + std::string(text_of(name)) + " in the database"
                                  : source + ":" + number;
    return place + ": " + quoted(line.text);
}

bool ListBuilder::State::passes(const std::vector<Doubt>& doubts, const Line& line) {
    for (const Doubt& doubt : doubts) {
        if (doubt.is_refused) {
            problems.error(shown(line) + " is skipped: " + doubt.why);
            return false;
        }
        problems.warning(shown(line) + ": " + doubt.why);
    }
    return true;
}

void ListBuilder::State::add(const Network& network, const Line& line) {
    if (!passes(doubts_about(name, network), line)) return;
    content->networks.add(network, line.number);
    ++content->size;
}

void ListBuilder::State::add(const Key& key, const Line& line) {
    if (!passes(doubts_about(name, key), line)) return;
    content->names.add(key.text, key.scope, line.number);
    ++content->size;
}

void ListBuilder::State::add(const Expression& expression, const Line& line) {
    try {
        const net::Pattern pattern(expression.text, letter_case_of(name));
        if (!passes(doubts_about(name, pattern), line)) return;
        if (!pattern.is_linear())
            problems.warning(
                shown(line) +
                " needs look-around, a back-reference or the like: it is matched by backtracking, and "
                "a search that takes too long counts as no match; avoid that if you can");
        content->expressions.add(pattern, expression.text, line.number);
        ++content->size;
    } catch (const net::BadPattern& bad) {
        problems.error(shown(line) + " is skipped, it is not a valid regular expression: " + bad.what());
    }
}

void ListBuilder::State::add(const P0fEntry& entry, const Line& line) {
    if (!passes(doubts_about(name, entry), line)) return;
    content->p0f.add(net::Pattern(entry.expression, net::LetterCase::ignored), entry.expression, line.number);
    content->uses_p0f = true;
    ++content->size;
}

ListBuilder::ListBuilder(ListName name, std::string path)
    : ListBuilder(std::make_unique<State>(name, std::move(path), false)) {
}

ListBuilder::ListBuilder(std::unique_ptr<State> state) : state_(std::move(state)) {
}

ListBuilder ListBuilder::of_rows(ListName name) {
    return ListBuilder(std::make_unique<State>(name, "database", true));
}

ListBuilder::ListBuilder(ListBuilder&&) noexcept = default;
ListBuilder::~ListBuilder() = default;

void ListBuilder::add(std::string_view text, std::int64_t number) {
    const State::Line line{entry_in(text), number};
    if (line.text.empty()) return;
    const auto entry = parse_entry(state_->name, line.text);
    if (entry) return std::visit([&](const auto& one) { state_->add(one, line); }, *entry);
    state_->problems.error(state_->shown(line) + " is skipped: " + why_not(state_->name, line.text));
}

ListBuilder::Built ListBuilder::build() && {
    Content& content = *state_->content;
    content.networks.finish();
    content.names.finish();
    content.expressions.finish();
    content.p0f.finish();
    return {std::make_shared<const List>(state_->name, state_->source, state_->in_database,
                                         std::move(state_->content)),
            std::move(state_->problems).take(state_->source)};
}

}  // namespace sqlgrey::lists
