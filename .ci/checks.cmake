# SPDX-License-Identifier: MIT
#
# The tests beside the unit tests, as ctest tests: ctest -L unit, e2e, real-clock, static, sanitize,
# fuzz.  PROCESSORS is 2 for a test that keeps one core busy, 4 for one that keeps two busy, and 1 for
# one that waits; ./test hands out two for each core and one more, so that waiting costs no time.
option(WIZHIL_CHECKS "register the static checks and the nested builds as tests" OFF)

if(NOT WIZHIL_CHECKS)
	return()
endif()

function(wizhil_check label name)
	add_test(NAME ${label}/${name} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
	set_tests_properties(${label}/${name} PROPERTIES LABELS ${label} TIMEOUT 1200 PROCESSORS 2)
endfunction()

wizhil_check(static format .ci/format)
wizhil_check(static layers .ci/layers)
wizhil_check(static pages .ci/pages)
wizhil_check(static circles .ci/circles ${CMAKE_BINARY_DIR})
wizhil_check(static cppcheck .ci/cppcheck ${CMAKE_BINARY_DIR})
wizhil_check(static clang-tidy .ci/tidy ${CMAKE_BINARY_DIR})
# This is the build with clang, too.  Its optimizer takes longer than what it saves in the tests.
wizhil_check(sanitize build .ci/nested ${CMAKE_BINARY_DIR}/sanitize "unit|memory"
	-DCMAKE_C_COMPILER=clang -DWIZHIL_SANITIZE=ON -DCMAKE_BUILD_TYPE=Sanitize
	"-DCMAKE_C_FLAGS_SANITIZE=-O0 -gline-tables-only")
wizhil_check(fuzz codec-and-decoder .ci/fuzz ${CMAKE_BINARY_DIR}/fuzz 60 20)
set_tests_properties(static/clang-tidy sanitize/build PROPERTIES PROCESSORS 4 COST 500)
# It runs for so long whatever share it gets, and first: beside the others it costs half.
set_tests_properties(fuzz/codec-and-decoder PROPERTIES COST 500)
