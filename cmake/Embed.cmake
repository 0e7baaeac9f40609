# lakeshift_embed(<target> <file relative to the source root>...): puts the files into the binary, readable through
# lakeshift::embedded_file("<relative path>") of core/base/embedded.h.
function(lakeshift_embed target)
  set(assembly "    .section .rodata\n")
  set(declarations "")
  set(entries "")
  set(index 0)
  foreach(file IN LISTS ARGN)
    set(path "${CMAKE_SOURCE_DIR}/${file}")
    string(APPEND assembly "    .global ls_embedded_${index}\n    .global ls_embedded_${index}_end\nls_embedded_${index}:\n    .incbin \"${path}\"\nls_embedded_${index}_end:\n    .byte 0\n")
    string(APPEND declarations "extern \"C\" const char ls_embedded_${index}[];\nextern \"C\" const char ls_embedded_${index}_end[];\n")
    string(APPEND entries "    {\"${file}\", ls_embedded_${index}, ls_embedded_${index}_end},\n")
    list(APPEND depends "${path}")
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND assembly "    .section .note.GNU-stack,\"\",@progbits\n")
  set(asm_file "${CMAKE_CURRENT_BINARY_DIR}/${target}_data.S")
  file(CONFIGURE OUTPUT "${asm_file}" CONTENT "${assembly}" @ONLY)
  set_source_files_properties("${asm_file}" PROPERTIES OBJECT_DEPENDS "${depends}")
  set(table "${CMAKE_CURRENT_BINARY_DIR}/${target}_table.cc")
  file(CONFIGURE OUTPUT "${table}" CONTENT
"#include \"core/base/embedded.h\"

${declarations}
namespace lakeshift {
namespace {
struct Entry {
  std::string_view name;
  const char* begin;
  const char* end;
};
const Entry kEntries[] = {
${entries}};
}
std::string_view embedded_file(std::string_view name) {
  for (const Entry& entry : kEntries)
    if (entry.name == name) return {entry.begin, static_cast<std::size_t>(entry.end - entry.begin)};
  return {};
}
}
" @ONLY)
  target_sources(${target} PRIVATE "${asm_file}" "${table}")
endfunction()
