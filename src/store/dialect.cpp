#include "dialect.hpp"

namespace sqlgrey::store {

const Dialect& dialect_of(Database database) {
    switch (database) {
        case Database::postgresql:
            return postgresql_dialect();
        case Database::mysql:
            return mysql_dialect();
        case Database::sqlite:
            break;
    }
    return sqlite_dialect();
}

}  // namespace sqlgrey::store
