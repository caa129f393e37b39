set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# One translation unit per library and test program: most of a build's time goes into headers, so this takes a third of it. The
# debug preset builds file by file, which keeps every file self-contained.
option(CMAKE_UNITY_BUILD "compile each target as one translation unit" ON)
set(CMAKE_UNITY_BUILD_BATCH_SIZE 0)

# Every target of this project is compiled with these; third-party headers come in as SYSTEM.
add_library(rehearsal_warnings INTERFACE)
target_compile_options(rehearsal_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Werror
  -Wno-missing-field-initializers)  # designated initialisers leave the defaults of the rest to the type
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside libstdc++ and Boost once optimised inlining merges them into our code.
  # -Wsubobject-linkage takes a file of a unity build for a header.
  target_compile_options(rehearsal_warnings INTERFACE -Wno-subobject-linkage -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds -Wno-dangling-pointer -Wno-mismatched-new-delete)
endif()

if(REHEARSAL_SANITIZE)
  add_compile_options(-fsanitize=${REHEARSAL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${REHEARSAL_SANITIZE})
endif()
