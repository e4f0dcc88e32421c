// sqlgreyctl import maillog: rows from the mail that a mail log says was accepted.
#include "functions.hpp"
#include "import.hpp"

namespace sqlgrey::ctl {

int import_maillog(const Invocation& invocation) {
    return run_import(invocation, [](const importer::Input& input, const importer::TargetRules& target,
                                     importer::BatchWriter& writer) {
        return importer::import_log(input, target, writer);
    });
}

}  // namespace sqlgrey::ctl
