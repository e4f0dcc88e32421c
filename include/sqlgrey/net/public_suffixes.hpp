// Which organisation a host name belongs to, by the public suffix list (https://publicsuffix.org): below a
// public suffix such as com, co.uk or github.io anyone can register a name.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <memory>
#include <string>
#include <string_view>

struct psl_ctx_st;

namespace sqlgrey::net {

// Immutable, cheap to copy; thread-safe, and usable on both sides of a fork.
class PublicSuffixes {
  public:
    // The list compiled into libpsl.
    PublicSuffixes();

    // The registrable domain: the public suffix and the label left of it, in lower case, google.com for
    // mail-wr1-f41.Google.com. Both sections of the list apply, so customers of hosting firms that registered
    // their domains there are kept apart. Empty for a public suffix itself, an address, "unknown", and
    // anything that is not a host name with a dot. A dot at the end is ignored. 0.2 us.
    std::string organisation_of(std::string_view host_name) const;

  private:
    friend struct PublicSuffixFile;
    explicit PublicSuffixes(std::shared_ptr<const psl_ctx_st> list) : list_(std::move(list)) {}

    std::shared_ptr<const psl_ctx_st> list_;
};

// The list in a file, in any form that libpsl reads.
struct PublicSuffixFile {
    PublicSuffixes suffixes;  // the built-in ones if the file cannot be used
    std::string problem;      // why it cannot be used; empty if it can
    std::string path;         // of the file that counts; empty if the built-in list does
    base::Time made;          // when that list was made

    // An empty path means the file of the package publicsuffix. 5 ms. Throws only std::bad_alloc.
    static PublicSuffixFile read(const std::string& path);
};

// True if both domains, as organisation_of() gives them, seem to have one owner: they are equal, or differ
// only after the first label, as gmx.com and gmx.net do. This is a claim, not a proof: grant nothing for it
// that either domain could not have alone.
bool are_related(std::string_view organisation, std::string_view other);

}  // namespace sqlgrey::net
