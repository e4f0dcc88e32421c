// Thousands of connections are thousands of descriptors, and the usual soft limit is 1,024.
#pragma once

#include <sys/resource.h>

namespace sqlgrey::bench {

inline void allow_many_descriptors() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace sqlgrey::bench
