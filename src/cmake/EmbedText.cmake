# Puts files into a target as string literals, byte for byte; needs nothing but CMake.
#
#   embed_text(<target> <identifier> <namespace> <file>...)
#
# The target gets <identifier>.hpp, which declares
#   std::span<const sqlgrey::base::EmbeddedFile> <namespace>::<identifier>();
# in the order of the files given. Names are paths from the top of the source tree. The literals are
# made again when a file changes. Files may hold any bytes: each is written as \xHH, so that nothing
# in them means anything to CMake or C++.
function(embed_text target identifier namespace)
  set(script ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/EmbedTextWrite.cmake)
  set(directory ${CMAKE_CURRENT_BINARY_DIR}/embedded/${target})
  set(generated ${directory}/${identifier}.cpp ${directory}/${identifier}.hpp)
  set(files)
  foreach(file IN LISTS ARGN)
    get_filename_component(file ${file} ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR})
    list(APPEND files ${file})
  endforeach()
  list(JOIN files "|" joined)
  add_custom_command(
    OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} -DDIRECTORY=${directory} -DIDENTIFIER=${identifier} -DNAMESPACE=${namespace}
            -DTOP=${PROJECT_SOURCE_DIR} "-DFILES=${joined}" -P ${script}
    DEPENDS ${files} ${script}
    COMMENT "Embedding ${identifier}"
    VERBATIM)
  target_sources(${target} PRIVATE ${generated})
  target_include_directories(${target} PRIVATE ${directory})
endfunction()
