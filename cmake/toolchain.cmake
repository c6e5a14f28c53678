# Compiler flags shared by every target. Warnings are errors; assertions stay on in release where money is counted.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
# CRC-32C and the hash use these instructions; every x86-64 server since 2013 has them.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  add_compile_options(-march=x86-64-v2)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 sees an overlap in std::string's own operator+ when it optimises.
  add_compile_options($<$<CONFIG:RelWithDebInfo>:-Wno-restrict>)
endif()
if(TALLYSTICK_WERROR)
  add_compile_options(-Werror)
endif()

if(TALLYSTICK_SANITIZE)
  add_compile_options(-fsanitize=${TALLYSTICK_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TALLYSTICK_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 warns about its own headers when sanitizers change its inlining.
    add_compile_options(-Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
    if(TALLYSTICK_SANITIZE MATCHES "thread")
      add_compile_options(-Wno-tsan)
    endif()
  endif()
endif()
if(TALLYSTICK_LINT)
  # The build system remembers what was clean: only what changed is examined again.
  find_program(CLANG_TIDY_PROGRAM clang-tidy-19 REQUIRED)
  set(CMAKE_CXX_CLANG_TIDY ${CLANG_TIDY_PROGRAM} --quiet)
  set(CMAKE_CXX_FLAGS_DEBUG "-O0")
  add_compile_options(-Wno-deprecated-declarations)  # of what libstdc++ 12 calls in its own std::ranges::stable_sort
endif()
if(TALLYSTICK_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-subobject-linkage)  # an anonymous namespace is no header's here
  # g++ 12 takes what std::expected and std::variant do not hold for uninitialised, the more so the more it inlines;
  # clang-tidy looks for the real thing (make lint).
  add_compile_options(-Wno-maybe-uninitialized)
endif()

include_directories(${CMAKE_SOURCE_DIR}/src)
