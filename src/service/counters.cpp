#include "sqlgrey/service/counters.hpp"

namespace sqlgrey::service {

DatabaseFailure database_failure(greylist::StoreError::Fault fault) {
    using Fault = greylist::StoreError::Fault;
    switch (fault) {
        case Fault::access:
            return DatabaseFailure::access;
        case Fault::schema:
            return DatabaseFailure::schema;
        case Fault::damaged:
            return DatabaseFailure::damaged;
        case Fault::full:
            return DatabaseFailure::full;
        case Fault::statement:
            break;
    }
    return DatabaseFailure::statement;
}

}  // namespace sqlgrey::service
