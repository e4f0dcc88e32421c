# Packages: cmake --build build/release --target package makes one for Debian; cpack -G RPM, in build/release, one for
# distributions with RPM. init/stage.cmake puts the files in their places.
set(SQLGREY_MAINTAINER "The sqlgrey authors <sqlgrey@packages.invalid>" CACHE STRING "Maintainer of the packages")

set(CPACK_PACKAGE_NAME sqlgrey)
set(CPACK_PACKAGE_CONTACT "${SQLGREY_MAINTAINER}")
set(CPACK_PACKAGE_VENDOR "The sqlgrey authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "greylisting policy server for Postfix and Exim")
set(CPACK_PACKAGE_DESCRIPTION
"sqlgrey defers the first mail of an unknown sender with a temporary error. A
real mail server retries some minutes later and gets through; most spam
software never does. Senders that got through are remembered.

The tables are in SQLite, with nothing to set up, or in PostgreSQL or
MySQL/MariaDB, shared by many mail servers. It reads the settings and lists
of SQLgrey 1.8 and takes over its database.")
set(CPACK_GENERATOR DEB)
set(CPACK_SOURCE_GENERATOR "")
set(CPACK_INSTALL_CMAKE_PROJECTS "")
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_BINARY_DIR}/stage.cmake)
set(CPACK_PACKAGING_INSTALL_PREFIX /)
configure_file(${PROJECT_SOURCE_DIR}/init/stage.cmake.in ${PROJECT_BINARY_DIR}/stage.cmake @ONLY)

# Higher than Debian's package of SQLgrey 1.8, 1:1.8.0-4.
set(CPACK_DEBIAN_PACKAGE_EPOCH 1)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
execute_process(COMMAND dpkg --print-architecture OUTPUT_VARIABLE CPACK_DEBIAN_PACKAGE_ARCHITECTURE
  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
# Debian's names of files have no epoch.
set(CPACK_DEBIAN_FILE_NAME sqlgrey_${PROJECT_VERSION}-1_${CPACK_DEBIAN_PACKAGE_ARCHITECTURE}.deb)
set(CPACK_DEBIAN_PACKAGE_SECTION mail)
set(CPACK_DEBIAN_PACKAGE_PREDEPENDS "init-system-helpers (>= 1.54~)")
set(CPACK_DEBIAN_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "postfix | exim4, publicsuffix")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "man-db, sqlite3")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(_control ${PROJECT_SOURCE_DIR}/init/deb)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${_control}/preinst ${_control}/postinst ${_control}/prerm ${_control}/postrm
  ${_control}/conffiles)

set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE MIT)
set(CPACK_RPM_PACKAGE_GROUP "System Environment/Daemons")
set(CPACK_RPM_PACKAGE_REQUIRES_PRE shadow-utils)
set(CPACK_RPM_PRE_INSTALL_SCRIPT_FILE ${PROJECT_SOURCE_DIR}/init/rpm/pre)
set(CPACK_RPM_POST_INSTALL_SCRIPT_FILE ${PROJECT_SOURCE_DIR}/init/rpm/post)
set(CPACK_RPM_PRE_UNINSTALL_SCRIPT_FILE ${PROJECT_SOURCE_DIR}/init/rpm/preun)
set(CPACK_RPM_POST_UNINSTALL_SCRIPT_FILE ${PROJECT_SOURCE_DIR}/init/rpm/postun)
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /etc /usr/sbin /usr/share /usr/share/man /usr/share/man/man5
  /usr/share/man/man8 /usr/share/doc /usr/share/bash-completion /usr/share/bash-completion/completions /usr/lib
  /usr/lib/systemd /usr/lib/systemd/system /usr/lib/sysusers.d)
file(STRINGS ${_control}/conffiles _conffiles REGEX "^/etc/sqlgrey/")
foreach(_file IN LISTS _conffiles)
  list(APPEND CPACK_RPM_USER_FILELIST "%config(noreplace) ${_file}")
endforeach()
include(CPack)
