// Binding the rows of a table, for decisions and for the import.
#pragma once

#include "prepared.hpp"
#include "sqlgrey/greylist/triplet.hpp"

#include <string_view>

namespace sqlgrey::store {

void bind_connect_row(Prepared& row, const greylist::Triplet& triplet, base::Time first_seen);
void bind_from_awl_row(Prepared& row, std::string_view src, std::string_view sender_domain,
                       std::string_view deverped, const greylist::Seen& seen);
// Only the import moves first_seen of an existing row back.
void bind_client_awl_row(Prepared& row, std::string_view src, const greylist::RetryCount& retries,
                         base::Time first_seen);

}  // namespace sqlgrey::store
