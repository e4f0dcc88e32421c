#include "sql.hpp"

namespace sqlgrey::store {

std::string Sql::parameter(Kind kind) {
    const std::string name = ":p" + std::to_string(parameters.size());
    parameters.push_back(kind);
    return name;
}

}  // namespace sqlgrey::store
