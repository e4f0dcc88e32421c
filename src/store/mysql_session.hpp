// SOCI's session on MySQL, and whether it prepares statements. It holds SOCI's object instead of deriving
// from its class, because SOCI's libraries export only the factories.
#pragma once

#include <memory>
#include <string>

#include <soci/mysql/soci-mysql.h>
#include <soci/soci.h>

namespace sqlgrey::store {

struct MysqlSession final : soci::details::session_backend {
    explicit MysqlSession(soci::mysql_session_backend* of_soci) : soci(of_soci) {}

    bool is_connected() override { return soci->is_connected(); }
    void begin() override { soci->begin(); }
    void commit() override { soci->commit(); }
    void rollback() override { soci->rollback(); }
    std::string get_dummy_from_table() const override { return soci->get_dummy_from_table(); }
    std::string get_backend_name() const override { return soci->get_backend_name(); }
    soci::details::statement_backend* make_statement_backend() override {
        return soci->make_statement_backend();
    }
    soci::details::rowid_backend* make_rowid_backend() override { return soci->make_rowid_backend(); }
    soci::details::blob_backend* make_blob_backend() override { return soci->make_blob_backend(); }

    std::unique_ptr<soci::mysql_session_backend> soci;
    bool prepares = true;
};

struct MysqlFactory final : soci::backend_factory {
    soci::details::session_backend* make_session(
        const soci::connection_parameters& parameters) const override {
        return new MysqlSession(
            static_cast<soci::mysql_session_backend*>(soci::factory_mysql()->make_session(parameters)));
    }
};

}  // namespace sqlgrey::store
