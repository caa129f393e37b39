# rehearsal_library([PUBLIC dep...] [PRIVATE dep...])
# Defines the library of the current leaf folder, named after its path (harness/player -> harness_player), from every *.cc in it
# that is not *_test.cc, and one test program from the *_test.cc files. A folder with headers only becomes an INTERFACE library.
function(rehearsal_library)
  cmake_parse_arguments(ARG "" "" "PUBLIC;PRIVATE;TEST_DEPS" ${ARGN})
  file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  string(REPLACE "/" "_" name ${path})
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(sources)
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${ARG_PUBLIC} PRIVATE rehearsal_warnings ${ARG_PRIVATE})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${ARG_PUBLIC} ${ARG_PRIVATE})
  endif()
  if(tests AND REHEARSAL_TESTS AND NOT REHEARSAL_FUZZ)
    rehearsal_test(${name}_test LABEL unit SOURCES ${tests} DEPS ${name} ${ARG_TEST_DEPS})
  endif()
endfunction()

# rehearsal_test(name LABEL unit|contract|integration SOURCES file... DEPS library...)
# Unit and contract tests are what the target unit_and_contract_tests builds; ci/sanitize runs them with sanitizers.
function(rehearsal_test name)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE rehearsal_warnings ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE REHEARSAL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  # The libraries are what is tested, as optimised as the programs have them; -O2 on the tests themselves is most of their compilation.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  # What measures links in real time has the machine to itself, as far as a machine of two processors goes.
  set(processors 1)
  if(ARG_LABEL STREQUAL "integration")
    set(processors 2)
  endif()
  gtest_discover_tests(${name} PROPERTIES LABELS ${ARG_LABEL} PROCESSORS ${processors} TIMEOUT 120 DISCOVERY_TIMEOUT 60)
  if(ARG_LABEL MATCHES "^(unit|contract)$")
    set_property(GLOBAL APPEND PROPERTY REHEARSAL_UNIT_TESTS ${name})
  endif()
endfunction()

# rehearsal_program(name DEPS library...): an executable from main.cc of the current folder.
function(rehearsal_program name)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  add_executable(${name} main.cc)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE rehearsal_warnings ${ARG_DEPS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# rehearsal_embed(target file... ): makes each file's bytes available as `embedded::NAME` (NAME: file name with . - / as _),
# declared in the generated header "embedded/<target>.h". Used for pages, scripts and the catalogues, so that a program is one file.
function(rehearsal_embed target)
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/embedded)
  set(header ${dir}/embedded/${target}.h)
  set(source ${dir}/${target}_embedded.cc)
  add_custom_command(OUTPUT ${header} ${source}
    COMMAND ${CMAKE_COMMAND} -DHEADER=${header} -DSOURCE=${source} -DTARGET=${target} "-DFILES=${ARGN}" -P ${CMAKE_SOURCE_DIR}/cmake/Embed.cmake
    DEPENDS ${ARGN} ${CMAKE_SOURCE_DIR}/cmake/Embed.cmake VERBATIM)
  add_library(${target} STATIC ${source} ${header})
  target_include_directories(${target} PUBLIC ${dir})
endfunction()
