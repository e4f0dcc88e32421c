# One interface target carries every compiler and linker flag; each module links it.
add_library(sqlgrey_flags INTERFACE)
target_compile_options(sqlgrey_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor)
# GCC 12 sees overlapping copies where std::string inserts a literal (GCC bug 105329).
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(sqlgrey_flags INTERFACE -Wno-restrict)
endif()
if(SQLGREY_WARNINGS_AS_ERRORS)
  target_compile_options(sqlgrey_flags INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  # What GCC's warnings of the same names do not see, or see in too many places.
  target_compile_options(sqlgrey_flags INTERFACE -Wconversion -Wold-style-cast -Woverloaded-virtual -Wshadow-all
    -Wextra-semi -Wimplicit-fallthrough -Wunreachable-code)
endif()
if(SQLGREY_SANITIZE)
  if(SQLGREY_SANITIZE STREQUAL thread)
    set(_san -fsanitize=thread)
  else()
    # SOCI's back ends hide their typeinfo, so UBSan's vptr check cannot be linked.
    set(_san -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all)
  endif()
  if(SQLGREY_FUZZ)
    list(APPEND _san -fsanitize=fuzzer-no-link)
  endif()
  target_compile_options(sqlgrey_flags INTERFACE ${_san} -fno-omit-frame-pointer -g1 -O1)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # GCC 12 takes members of std::function for uninitialised in instrumented code.
    target_compile_options(sqlgrey_flags INTERFACE -Wno-maybe-uninitialized)
  endif()
  target_link_options(sqlgrey_flags INTERFACE ${_san})
elseif(SQLGREY_HARDENING)
  target_compile_options(sqlgrey_flags INTERFACE
    -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>
    -D_GLIBCXX_ASSERTIONS -Wformat -Werror=format-security)
  target_link_options(sqlgrey_flags INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  include(CheckPIESupported)
  check_pie_supported(LANGUAGES CXX)
endif()
