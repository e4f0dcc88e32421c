// Lines and rows to a List.
#include "content.hpp"
#include "entry.hpp"
#include "line.hpp"
#include "problems.hpp"
#include "sqlgrey/lists/list.hpp"

namespace sqlgrey::lists {

struct ListBuilder::State {
    State(ListName list, std::string path, bool rows)
        : name(list),
          source(std::move(path)),
          in_database(rows),
          content(std::make_unique<Content>(letter_case_of(list))) {}

    std::string place(long long line) const;
    void add(const Entry& entry, long long line);
    void add_expression(const std::string& expression, long long line);

    ListName name;
    std::string source;
    bool in_database;
    std::unique_ptr<Content> content;
    Problems problems;
};

namespace {

std::string in_slashes(const std::string& expression) {
    return quoted("/" + expression + "/");
}

std::string why_not(ListName list, std::string_view entry) {
    if (entry.size() > max_entry) return "an entry may have " + std::to_string(max_entry) + " bytes";
    std::string why = "expected " + std::string(forms_of(list));
    if (lower(entry) == "unknown")
        why += "; Postfix says unknown for a client without a verified name, /^unknown$/ finds those";
    return why;
}

}  // namespace

std::string ListBuilder::State::place(long long line) const {
    if (!in_database) return source + ":" + std::to_string(line) + ": ";
    return "row " + std::to_string(line) + " of " + std::string(text_of(name)) + " in the database: ";
}

void ListBuilder::State::add(const Entry& entry, long long line) {
    ++content->size;
    if (const auto* network = std::get_if<Network>(&entry)) content->networks.add(*network, line);
    if (const auto* key = std::get_if<Key>(&entry)) content->names.add(key->text, key->ways, line);
    if (const auto* expression = std::get_if<Expression>(&entry)) add_expression(expression->text, line);
}

void ListBuilder::State::add_expression(const std::string& expression, long long line) {
    try {
        if (content->expressions.add(expression, line)) return;
        problems.warning(
            place(line) + in_slashes(expression) +
            " needs look-around, a back-reference or the like: it is searched for step by step, and "
            "a search that takes too long counts as no match; better do without");
    } catch (const net::BadPattern& bad) {
        --content->size;
        problems.error(place(line) + in_slashes(expression) +
                       " is skipped, it is no regular expression: " + bad.what());
    }
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

void ListBuilder::add(std::string_view text, long long line) {
    const std::string_view entry = entry_in(text);
    if (entry.empty()) return;
    if (const auto parsed = parse_entry(state_->name, entry)) return state_->add(*parsed, line);
    state_->problems.error(state_->place(line) + quoted(entry) +
                           " is skipped: " + why_not(state_->name, entry));
}

ListBuilder::Built ListBuilder::build() && {
    Content& content = *state_->content;
    content.networks.finish();
    content.names.finish();
    content.expressions.finish();
    return {std::make_shared<const List>(state_->name, state_->source, state_->in_database,
                                         std::move(state_->content)),
            std::move(state_->problems).take(state_->source)};
}

}  // namespace sqlgrey::lists
