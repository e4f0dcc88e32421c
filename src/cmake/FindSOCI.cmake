# Finds SOCI and defines SOCI::core and SOCI::<backend> for each component
# (sqlite3, postgresql, mysql).
#
# Debian 12 ships SOCI 4.0 without any CMake package file; upstream 4.1 has one that calls its
# targets SOCI::soci_core, SOCI::soci_sqlite3, ... We take upstream's if it is there and give
# its targets our names; else we look for headers and libraries.
find_package(SOCI ${SOCI_FIND_VERSION} CONFIG QUIET)
if(SOCI_FOUND AND TARGET SOCI::soci_core)
  if(NOT TARGET SOCI::core)
    add_library(SOCI::core ALIAS SOCI::soci_core)
  endif()
  foreach(_backend IN LISTS SOCI_FIND_COMPONENTS)
    if(TARGET SOCI::soci_${_backend})
      set(SOCI_${_backend}_FOUND TRUE)
      if(NOT TARGET SOCI::${_backend})
        add_library(SOCI::${_backend} ALIAS SOCI::soci_${_backend})
      endif()
    endif()
  endforeach()
  include(FindPackageHandleStandardArgs)
  find_package_handle_standard_args(SOCI HANDLE_COMPONENTS CONFIG_MODE)
  return()
endif()

find_path(SOCI_INCLUDE_DIR soci/soci.h)
find_library(SOCI_core_LIBRARY NAMES soci_core)
if(SOCI_INCLUDE_DIR)
  file(STRINGS ${SOCI_INCLUDE_DIR}/soci/version.h _line REGEX "#define SOCI_LIB_VERSION ")
  string(REGEX MATCH "[0-9]+_[0-9]+(_[0-9]+)?" SOCI_VERSION "${_line}")
  string(REPLACE "_" "." SOCI_VERSION "${SOCI_VERSION}")
endif()

# The backend headers include the headers of the database's own client library.
find_package(PkgConfig QUIET)
set(_client_sqlite3 sqlite3)
set(_client_postgresql libpq)
set(_client_mysql libmariadb)

if(SOCI_core_LIBRARY AND SOCI_INCLUDE_DIR AND NOT TARGET SOCI::core)
  add_library(SOCI::core UNKNOWN IMPORTED)
  set_target_properties(SOCI::core PROPERTIES IMPORTED_LOCATION ${SOCI_core_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${SOCI_INCLUDE_DIR})
endif()
foreach(_backend IN LISTS SOCI_FIND_COMPONENTS)
  find_library(SOCI_${_backend}_LIBRARY NAMES soci_${_backend})
  pkg_check_modules(SOCI_CLIENT_${_backend} QUIET IMPORTED_TARGET ${_client_${_backend}})
  if(SOCI_${_backend}_LIBRARY AND SOCI_CLIENT_${_backend}_FOUND)
    set(SOCI_${_backend}_FOUND TRUE)
    if(NOT TARGET SOCI::${_backend})
      add_library(SOCI::${_backend} UNKNOWN IMPORTED)
      set_target_properties(SOCI::${_backend} PROPERTIES
        IMPORTED_LOCATION ${SOCI_${_backend}_LIBRARY})
      target_link_libraries(SOCI::${_backend} INTERFACE SOCI::core PkgConfig::SOCI_CLIENT_${_backend})
    endif()
  endif()
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SOCI REQUIRED_VARS SOCI_core_LIBRARY SOCI_INCLUDE_DIR
  VERSION_VAR SOCI_VERSION HANDLE_COMPONENTS)
mark_as_advanced(SOCI_INCLUDE_DIR SOCI_core_LIBRARY)
