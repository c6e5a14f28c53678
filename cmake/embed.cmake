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
  file(CONFIGURE OUTPUT ${folder}/${symbol}.s CONTENT
".section .note.GNU-stack,\"\",@progbits
.section .rodata
.global tallystick_embedded_${symbol}_begin
.global tallystick_embedded_${symbol}_end
tallystick_embedded_${symbol}_begin:
.incbin \"${file}\"
tallystick_embedded_${symbol}_end:
.byte 0
")
  file(CONFIGURE OUTPUT ${folder}/${symbol}.cpp CONTENT
"#include \"embedded/@symbol@.h\"
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
" @ONLY)
  set_source_files_properties(${folder}/${symbol}.s PROPERTIES LANGUAGE C OBJECT_DEPENDS ${file})
  target_sources(${target} PRIVATE ${folder}/${symbol}.s ${folder}/${symbol}.cpp)
  target_include_directories(${target} PUBLIC ${CMAKE_BINARY_DIR}/embedded)
endfunction()
