# Where an admin expects things. With the usual prefixes /usr/local and /usr:
#
#   sbin/sqlgrey, sbin/sqlgreyctl             the daemon, and what its administrator asks and does
#   /etc/sqlgrey/                             sqlgrey.conf, the lists and patterns; what is there already stays
#   lib/systemd/system/sqlgrey.{service,socket}  systemd looks there for both prefixes
#   lib/sysusers.d/sqlgrey.conf               the account it runs as (systemd-sysusers creates it)
#   share/man/man*/                           manual pages
#   share/sqlgrey/sql/                        schema and report queries, to read and to run by hand
#   share/sqlgrey/sqlgrey.init                SysV script for machines without systemd
#   share/sqlgrey/exim.acl                    for those who have Exim
#   share/sqlgrey/{grafana,prometheus}/       dashboard and alerts
#   share/bash-completion/completions/        completion of sqlgreyctl
#
# The program looks for its settings in /etc/sqlgrey whatever the prefix, so they are installed there unless
# CMAKE_INSTALL_SYSCONFDIR is an absolute path of the admin's own. DESTDIR is honoured.
if(IS_ABSOLUTE "${CMAKE_INSTALL_SYSCONFDIR}")
  set(SQLGREY_CONF_DIR "${CMAKE_INSTALL_SYSCONFDIR}/sqlgrey")
else()
  set(SQLGREY_CONF_DIR /etc/sqlgrey)
endif()
set(SQLGREY_DATA_DIR ${CMAKE_INSTALL_DATADIR}/sqlgrey)

install(TARGETS sqlgrey sqlgreyctl RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/sql DESTINATION ${SQLGREY_DATA_DIR} FILES_MATCHING PATTERN "*.sql")

foreach(_section 1 5 8)
  file(GLOB _pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/conf/man/*.${_section})
  if(_pages)
    install(FILES ${_pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${_section})
  endif()
endforeach()

# The units and the script name the program where it is installed, and "cmake --install --prefix" decides that.
install(CODE "set(SQLGREY_CONF_DIR \"${SQLGREY_CONF_DIR}\")
set(SQLGREY_INIT_DIR \"${PROJECT_SOURCE_DIR}/init\")
set(SQLGREY_BINARY_DIR \"${PROJECT_BINARY_DIR}\")
set(SQLGREY_DATA_DIR \"${SQLGREY_DATA_DIR}\")
cmake_path(ABSOLUTE_PATH SQLGREY_DATA_DIR BASE_DIRECTORY \"\${CMAKE_INSTALL_PREFIX}\")
set(CMAKE_INSTALL_FULL_SBINDIR \"${CMAKE_INSTALL_SBINDIR}\")
cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_FULL_SBINDIR BASE_DIRECTORY \"\${CMAKE_INSTALL_PREFIX}\")")
install(CODE [[
  foreach(_file sqlgrey.service sqlgrey.socket sqlgrey.init)
    configure_file("${SQLGREY_INIT_DIR}/${_file}.in" "${SQLGREY_BINARY_DIR}/${_file}" @ONLY)
  endforeach()
  file(INSTALL DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/systemd/system" TYPE FILE
    FILES "${SQLGREY_BINARY_DIR}/sqlgrey.service" "${SQLGREY_BINARY_DIR}/sqlgrey.socket")
  file(INSTALL DESTINATION "${SQLGREY_DATA_DIR}" TYPE PROGRAM FILES "${SQLGREY_BINARY_DIR}/sqlgrey.init")
]])
install(FILES ${PROJECT_SOURCE_DIR}/init/sqlgrey.sysusers DESTINATION lib/sysusers.d RENAME sqlgrey.conf)
install(FILES ${PROJECT_SOURCE_DIR}/conf/exim.acl DESTINATION ${SQLGREY_DATA_DIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/conf/grafana ${PROJECT_SOURCE_DIR}/conf/prometheus DESTINATION ${SQLGREY_DATA_DIR})
install(FILES ${PROJECT_SOURCE_DIR}/conf/sqlgreyctl.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME sqlgreyctl)

# Settings and lists: an admin's file is never overwritten; if ours differs it is put beside it as .dist.
file(GLOB _settings CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/conf/sqlgrey.conf ${PROJECT_SOURCE_DIR}/conf/*.regexp
  ${PROJECT_SOURCE_DIR}/conf/clients_*_whitelist ${PROJECT_SOURCE_DIR}/conf/whitelist_*)
install(CODE "set(SQLGREY_SETTINGS \"${_settings}\")")
install(CODE [[
  foreach(_file IN LISTS SQLGREY_SETTINGS)
    get_filename_component(_name "${_file}" NAME)
    set(_target "$ENV{DESTDIR}${SQLGREY_CONF_DIR}/${_name}")
    set(_rename "${_name}")
    if(EXISTS "${_target}")
      file(SHA256 "${_file}" _ours)
      file(SHA256 "${_target}" _theirs)
      if(_ours STREQUAL _theirs)
        continue()
      endif()
      set(_rename "${_name}.dist")
      message(STATUS "Keeping ${_target}; the new one is beside it as ${_rename}")
    endif()
    file(INSTALL DESTINATION "${SQLGREY_CONF_DIR}" TYPE FILE RENAME "${_rename}" FILES "${_file}")
  endforeach()
]])
