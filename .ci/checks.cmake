# SPDX-License-Identifier: MIT
#
# The tests beside the unit tests, as ctest tests: ctest -L unit, e2e, real-clock, static, clang,
# sanitize, fuzz.  Those with PROCESSORS 2 keep two cores busy by themselves.
option(WIZHIL_CHECKS "register the static checks and the nested builds as tests" ON)

# cases/e2e/test_NAME.py: programs that run wizhil as a person would.  Those named ..._real_clock.py
# wait in earnest, and want the machine for themselves.
file(GLOB e2e_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cases/e2e/test_*.py)
foreach(program ${e2e_tests})
	get_filename_component(name ${program} NAME_WE)
	string(REGEX REPLACE "^test_" "" name ${name})
	add_test(NAME e2e/${name} COMMAND python3 ${program})
	set_tests_properties(e2e/${name} PROPERTIES LABELS e2e TIMEOUT 900
		ENVIRONMENT "WIZHIL_BUILD=${CMAKE_BINARY_DIR};ASAN_OPTIONS=abort_on_error=1;PYTHONDONTWRITEBYTECODE=1")
	if(name MATCHES "real_clock$")
		set_tests_properties(e2e/${name} PROPERTIES LABELS "e2e;real-clock" RUN_SERIAL ON)
	endif()
endforeach()

if(NOT WIZHIL_CHECKS)
	return()
endif()

function(wizhil_check label name)
	add_test(NAME ${label}/${name} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
	set_tests_properties(${label}/${name} PROPERTIES LABELS ${label} TIMEOUT 1200)
endfunction()

wizhil_check(static format .ci/format)
wizhil_check(static layers .ci/layers)
wizhil_check(static cppcheck .ci/cppcheck)
wizhil_check(static clang-tidy .ci/tidy ${CMAKE_BINARY_DIR})
wizhil_check(clang build .ci/nested ${CMAKE_BINARY_DIR}/clang unit -DCMAKE_C_COMPILER=clang)
wizhil_check(sanitize build .ci/nested ${CMAKE_BINARY_DIR}/sanitize "unit|e2e"
	-DCMAKE_C_COMPILER=clang -DWIZHIL_SANITIZE=ON)
wizhil_check(fuzz codec-and-decoder .ci/fuzz ${CMAKE_BINARY_DIR}/fuzz 60)
set_tests_properties(static/clang-tidy clang/build sanitize/build fuzz/codec-and-decoder
	PROPERTIES PROCESSORS 2)
