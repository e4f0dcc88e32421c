#include "shown_rows.hpp"

#include "sqlgrey/mail/address.hpp"

namespace sqlgrey::ctl {
namespace {

using store::TableName;

Cell shown(const store::TableCell& cell) {
    return std::visit([](const auto& value) { return Cell{value}; }, cell);
}

std::string sender_of(const store::TableRow& row, Format format) {
    const auto& domain = std::get<std::string>(row[1]);
    const auto& name = std::get<std::string>(row[2]);
    if (domain == mail::undefined)
        return name == mail::undefined ? std::string{format == Format::json ? "" : "<>"} : name;
    return name + "@" + domain;
}

}  // namespace

std::vector<std::string> shown_columns(TableName table) {
    switch (table) {
        case TableName::connect:
            return {"client_address", "sender", "recipient", "first_seen"};
        case TableName::from_awl:
            return {"client_address", "sender", "first_seen", "last_seen"};
        case TableName::domain_awl:
            return {"client_address", "sender_domain", "first_seen", "last_seen"};
        case TableName::client_awl:
            return {"client_address", "passes", "last_counted", "first_seen", "last_seen"};
        case TableName::pool:
            return {"pool", "networks", "came_back", "never_came_back", "crowd", "last_seen"};
        case TableName::fact:
            return {"client_address", "sender_domain", "source", "value", "expires_at"};
        case TableName::spf_network:
            return {"sender_domain", "first_address", "last_address", "expires_at"};
        case TableName::expectation:
            return {"recipient", "sender_domain", "expires_at", "added_by", "reason"};
        default:
            break;
    }
    std::vector<std::string> names;
    for (const store::TableColumn& column : store::shape_of(table).columns) names.emplace_back(column.name);
    return names;
}

std::vector<Cell> shown_cells(TableName table, const store::TableRow& row, Format format) {
    if (table == TableName::connect || table == TableName::from_awl)
        return {shown(row[0]), sender_of(row, format), shown(row[3]), shown(row[4])};
    std::vector<Cell> cells;
    for (const store::TableCell& cell : row) cells.push_back(shown(cell));
    return cells;
}

}  // namespace sqlgrey::ctl
