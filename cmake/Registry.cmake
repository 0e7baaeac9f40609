# lakeshift_registry(<target> FOLDER <dir> NAMESPACE <ns> TYPE <type> HEADER <header> FUNCTION <name>)
# Writes a sorted constant array of pointers to `kDefinition` of every source below the folder that defines one, and
# `FUNCTION()` returning it as std::span<const TYPE* const>. A file x/foo.cc must define NAMESPACE::foo::kDefinition as
# `extern const TYPE kDefinition;`. Adding a file is all it takes: no list to edit.
function(lakeshift_registry target)
  cmake_parse_arguments(ARG "" "FOLDER;NAMESPACE;TYPE;HEADER;FUNCTION" "" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${ARG_FOLDER}/*.cc")
  list(SORT sources)
  set(declarations "")
  set(entries "")
  set(count 0)
  foreach(source IN LISTS sources)
    # Configure again when a file starts or stops to define an entry.
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
    file(STRINGS "${source}" defines REGEX "kDefinition")
    if(defines)
      get_filename_component(name "${source}" NAME_WE)
      string(APPEND declarations "namespace ${ARG_NAMESPACE}::${name} { extern const ${ARG_TYPE} kDefinition; }\n")
      math(EXPR count "${count} + 1")
      string(APPEND entries "    &${ARG_NAMESPACE}::${name}::kDefinition,\n")
    endif()
  endforeach()
  set(output "${CMAKE_CURRENT_BINARY_DIR}/registry_${ARG_FUNCTION}.cc")
  file(CONFIGURE OUTPUT "${output}" CONTENT
"#include <array>
#include <span>

#include \"${ARG_HEADER}\"

${declarations}
namespace ${ARG_NAMESPACE} {
namespace {
constexpr std::array<const ${ARG_TYPE}*, ${count}> kEntries_${ARG_FUNCTION} = {
${entries}};
}
std::span<const ${ARG_TYPE}* const> ${ARG_FUNCTION}() { return kEntries_${ARG_FUNCTION}; }
}
" @ONLY)
  target_sources(${target} PRIVATE "${output}")
endfunction()
