# Run at build by embed_text() (EmbedText.cmake): writes DIRECTORY/IDENTIFIER.hpp and .cpp holding FILES.
cmake_minimum_required(VERSION 3.25)
string(REPLACE "|" ";" files "${FILES}")

file(WRITE ${DIRECTORY}/${IDENTIFIER}.hpp
"// Made by embed_text() at build.
#pragma once
#include <span>
#include \"sqlgrey/base/embedded_file.hpp\"
namespace ${NAMESPACE} {
std::span<const sqlgrey::base::EmbeddedFile> ${IDENTIFIER}();
}
")

set(rows)
set(count 0)
foreach(path IN LISTS files)
  file(READ ${path} hex HEX)
  string(LENGTH "${hex}" length)
  math(EXPR length "${length} / 2")
  # 40 bytes a source line, then each byte as an escape; an escape is always followed by \ or ".
  set(line_pattern)
  foreach(i RANGE 1 80)
    string(APPEND line_pattern "[0-9a-f]")
  endforeach()
  string(REGEX REPLACE "(${line_pattern})" "\\1\"\n\"" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" literal "${hex}")
  file(RELATIVE_PATH name ${TOP} ${path})
  string(APPEND rows "    {\"${name}\", {\n\"${literal}\", ${length}}},\n")
  math(EXPR count "${count} + 1")
endforeach()

file(WRITE ${DIRECTORY}/${IDENTIFIER}.cpp
"// Made by embed_text() at build.
#include \"${IDENTIFIER}.hpp\"
#include <array>
namespace ${NAMESPACE} {
namespace {
constexpr std::array<sqlgrey::base::EmbeddedFile, ${count}> files{{
${rows}}};
}
std::span<const sqlgrey::base::EmbeddedFile> ${IDENTIFIER}() { return files; }
}
")
