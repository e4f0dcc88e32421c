// Which organisation a host name belongs to, by the public suffix list (https://publicsuffix.org): below a
// public suffix, such as com, co.uk or github.io, anybody can have a name of his own.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct psl_ctx_st;

namespace sqlgrey::net {

// Immutable, cheap to copy; may be used by several threads at once, and on both sides of a fork.
class PublicSuffixes {
  public:
    // The list that libpsl was built with.
    PublicSuffixes();

    // The name's registrable domain, that is its public suffix and the label left of it, in lower case:
    // google.com of mail-wr1-f41.Google.com. Both sections of the list count, so that customers of a hosting
    // firm that has entered its domains are apart. Empty for a public suffix itself, an address, "unknown"
    // and whatever else is no host name with a dot. A dot at the end does not count. 0.2 us.
    std::string organisation_of(std::string_view host_name) const;

  private:
    friend struct PublicSuffixFile;
    explicit PublicSuffixes(std::shared_ptr<const psl_ctx_st> list) : list_(std::move(list)) {}

    std::shared_ptr<const psl_ctx_st> list_;
};

// The list in a file, of any form that libpsl reads.
struct PublicSuffixFile {
    PublicSuffixes suffixes;  // the built-in one if the file cannot be used
    std::string problem;      // why it cannot; else empty

    // An empty path: the file of the system's package publicsuffix. 5 ms. Never throws but for lack of
    // memory.
    static PublicSuffixFile read(const std::string& path);
};

// True if both domains, as organisation_of() gives them, are of one owner: they are the same, or differ
// behind the first label only, as gmx.com and gmx.net do. That is what they say of themselves, no proof:
// nothing may be granted for it that either could not have alone.
bool are_related(std::string_view organisation, std::string_view other);

}  // namespace sqlgrey::net
