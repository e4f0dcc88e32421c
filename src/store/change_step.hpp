// Writing the changes of one kind: each key once, and sorted, so that all workers lock rows in the same
// order.
#pragma once

#include "session.hpp"
#include "sqlgrey/greylist/triplet.hpp"

#include <algorithm>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace sqlgrey::store {

// The order in which the kinds are written, the same for all workers. A domain's row comes after those of its
// senders, because the promotion of the last sender promotes the domain.
enum class ChangeOrder {
    put_connect,
    touch_domain_awl,
    touch_from_awl,
    touch_client_awl,
    count_retry,
    put_from_awl,
    put_domain_awl,
    remember_pool
};

struct ChangeStep {
    ChangeOrder order;
    std::size_t kind;       // index of its alternative in greylist::Change
    bool is_one_statement;  // else write() runs several
    // Writes the changes of its kind, of which there may be none.
    void (*write)(Session& session, std::span<const greylist::Change> changes);
};

template <typename Kind>
std::size_t index_of() {
    return greylist::Change{std::in_place_type<Kind>}.index();
}

// The changes of one kind, sorted by their keys; of those with the same key the first.
template <typename Kind, typename KeyOf>
std::vector<Kind> each_once(std::span<const greylist::Change> changes, const KeyOf& key) {
    std::vector<Kind> found;
    for (const greylist::Change& change : changes)
        if (const Kind* one = std::get_if<Kind>(&change)) found.push_back(*one);
    std::ranges::stable_sort(found, [&](const Kind& a, const Kind& b) { return key(a) < key(b); });
    const auto repeated = std::unique(found.begin(), found.end(),
                                      [&](const Kind& a, const Kind& b) { return key(a) == key(b); });
    found.erase(repeated, found.end());
    return found;
}

// Binds the parameters that belong to no row.
using BindRest = std::function<void(Prepared& statement)>;

// Runs a statement over the changes: `first` binds the parameters before the rows, `bind_row` those of a row,
// `last` those after the rows.
template <typename Kind, typename BindRow>
void run_over(
    Session& session, StatementId id, const std::vector<Kind>& changes, const BindRow& bind_row,
    const BindRest& last = [](Prepared&) {}, const BindRest& first = [](Prepared&) {}) {
    session.over_list({id}, changes.size(), [&](Prepared& statement, const auto& rows) {
        first(statement);
        for (const std::size_t i : rows) bind_row(statement.row(), changes[i]);
        last(statement);
        statement.change();
    });
}

// The same for a statement that sets last_seen of the rows to the changes' `now`, which is the same for a
// whole batch.
template <typename Kind, typename BindKey>
void run_touch(Session& session, StatementId id, const std::vector<Kind>& touches, const BindKey& bind_key) {
    run_over(
        session, id, touches, bind_key, [](Prepared&) {},
        [&](Prepared& statement) { statement.bind(base::epoch(touches.front().now)); });
}

}  // namespace sqlgrey::store
