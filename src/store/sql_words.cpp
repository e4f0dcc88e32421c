#include "sql_words.hpp"

namespace sqlgrey::store {

std::string like_pattern(std::string_view deverped, mail::OwnHashes own_hashes) {
    std::string like;
    mail::for_each_in_pattern(deverped, own_hashes, [&](char c, bool is_any_run) {
        if (c == '%' || c == '_' || c == '!') like += '!';
        like += is_any_run ? '%' : c;
    });
    return like;
}

}  // namespace sqlgrey::store
