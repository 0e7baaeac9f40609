# Flags of our own code; libraries are system includes.
add_library(lakeshift_flags INTERFACE)
target_compile_options(lakeshift_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror>
  # declarative tables name the members that are not default
  $<$<COMPILE_LANGUAGE:CXX>:-Wno-missing-field-initializers>
  # g++ 12 warns in its own <string> and <regex> at -O2 (GCC bugs 105329, 105562)
  $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict -Wno-maybe-uninitialized>)
target_include_directories(lakeshift_flags INTERFACE "${CMAKE_SOURCE_DIR}/src")
find_program(LAKESHIFT_MOLD mold)
if(LAKESHIFT_MOLD)
  target_link_options(lakeshift_flags INTERFACE -fuse-ld=mold)
endif()

# lakeshift_library(<target> <folder>... [ONLY regex] [EXCEPT target...] [LINK ...] [PRIVATE_LINK ...]): a static
# library of all sources below folders; ONLY of those that match, EXCEPT of those that are another target's.
function(lakeshift_library target)
  cmake_parse_arguments(ARG "" "ONLY" "EXCEPT;LINK;PRIVATE_LINK" ${ARGN})
  set(sources)
  foreach(folder IN LISTS ARG_UNPARSED_ARGUMENTS)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cc")
    list(APPEND sources ${found})
  endforeach()
  if(ARG_ONLY)
    list(FILTER sources INCLUDE REGEX "${ARG_ONLY}")
  endif()
  foreach(other IN LISTS ARG_EXCEPT)
    get_target_property(taken ${other} SOURCES)
    list(REMOVE_ITEM sources ${taken})
  endforeach()
  list(SORT sources)
  if(NOT sources)  # a room that has only contracts so far
    set(sources "${CMAKE_CURRENT_BINARY_DIR}/${target}_empty.cc")
    file(CONFIGURE OUTPUT "${sources}" CONTENT "")
  endif()
  add_library(${target} STATIC ${sources})
  target_link_libraries(${target} PUBLIC lakeshift_flags ${ARG_LINK} PRIVATE ${ARG_PRIVATE_LINK})
endfunction()
