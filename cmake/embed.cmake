# Puts a file into the binary: tallystick_embed(<target> <symbol> <file>) makes the function
#   std::string_view tallystick::embedded::<symbol>();
# declared in the generated header "embedded/<symbol>.h".
function(tallystick_embed target symbol file)
  set(folder ${CMAKE_BINARY_DIR}/embedded/embedded)
  file(CONFIGURE OUTPUT ${folder}/${symbol}.h CONTENT
"#pragma once
#include <string_view>
namespace tallystick::embedded {
std::string_view @symbol@();
}
" @ONLY)
  # The assembler reads the file: no compiler has to parse its bytes.
  file(CONFIGURE OUTPUT ${folder}/${symbol}.cpp CONTENT
"#include \"embedded/@symbol@.h\"
// NOLINTBEGIN: generated
asm(\".pushsection .rodata\\n\"
    \".global tallystick_embedded_@symbol@_begin\\n\"
    \".global tallystick_embedded_@symbol@_end\\n\"
    \"tallystick_embedded_@symbol@_begin:\\n\"
    \".incbin \\\"@file@\\\"\\n\"
    \"tallystick_embedded_@symbol@_end:\\n\"
    \".byte 0\\n\"
    \".popsection\\n\");
extern \"C\" {
extern const char tallystick_embedded_@symbol@_begin[];
extern const char tallystick_embedded_@symbol@_end[];
}
namespace tallystick::embedded {
std::string_view @symbol@() {
  return {tallystick_embedded_@symbol@_begin,
          static_cast<std::size_t>(tallystick_embedded_@symbol@_end - tallystick_embedded_@symbol@_begin)};
}
}
// NOLINTEND
" @ONLY)
  # On its own also where files are compiled together, so that a change of the file is seen.
  set_source_files_properties(${folder}/${symbol}.cpp PROPERTIES OBJECT_DEPENDS ${file} SKIP_UNITY_BUILD_INCLUSION ON)
  target_sources(${target} PRIVATE ${folder}/${symbol}.cpp)
  target_include_directories(${target} PUBLIC ${CMAKE_BINARY_DIR}/embedded)
endfunction()

# Compiles files into a target as one table, in the order of their names: a function that returns a span of rows
# {name, contents}, or {number, name, contents} when names begin with a number (NUMBERED).
#   tallystick_embed_table(tally_records ROOM records HEADER migrations.h TYPE Migration FUNCTION embedded_migrations
#                          PREFIX migration_ FILES ${files} NUMBERED)
function(tallystick_embed_table target)
  cmake_parse_arguments(TABLE "NUMBERED" "ROOM;HEADER;TYPE;FUNCTION;PREFIX" "FILES" ${ARGN})
  list(SORT TABLE_FILES)
  set(includes "")
  set(rows "")
  foreach(file IN LISTS TABLE_FILES)
    get_filename_component(name ${file} NAME_WE)
    tallystick_embed(${target} ${TABLE_PREFIX}${name} ${file})
    set(number "")
    if(TABLE_NUMBERED)
      string(REGEX MATCH "^[0-9]+" digits ${name})
      math(EXPR number "${digits}")
      string(APPEND number ", ")
    endif()
    string(APPEND includes "#include \"embedded/${TABLE_PREFIX}${name}.h\"\n")
    string(APPEND rows "      ${TABLE_TYPE}{${number}\"${name}\", embedded::${TABLE_PREFIX}${name}()},\n")
  endforeach()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${TABLE_FUNCTION}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT
"#include \"@TABLE_ROOM@/@TABLE_HEADER@\"

#include <array>

@includes@
namespace tallystick::@TABLE_ROOM@ {

std::span<const @TABLE_TYPE@> @TABLE_FUNCTION@() {
  static const auto table = std::to_array<@TABLE_TYPE@>({
@rows@  });
  return table;
}

}  // namespace tallystick::@TABLE_ROOM@
" @ONLY)
  target_sources(${target} PRIVATE ${source})
endfunction()
