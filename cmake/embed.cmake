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
  set_source_files_properties(${folder}/${symbol}.cpp PROPERTIES OBJECT_DEPENDS ${file})
  target_sources(${target} PRIVATE ${folder}/${symbol}.cpp)
  target_include_directories(${target} PUBLIC ${CMAKE_BINARY_DIR}/embedded)
endfunction()
