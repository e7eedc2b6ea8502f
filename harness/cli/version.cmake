# SPDX-License-Identifier: MIT
#
# cmake -DSOURCE=FOLDER -DVERSION=V -DOUTPUT=FILE -P version.cmake: what cli/version.h declares, with the commit
# of the sources; written only when that has changed.  Sources without git have no commit.
set(commit "")
if(EXISTS ${SOURCE}/.git)
	execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude *
		OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
set(title "wizhil ${VERSION}")
if(commit)
	set(title "${title} (${commit})")
endif()
set(text "#include \"cli/version.h\"
const char wizhil_version[] = \"${VERSION}\";
const char wizhil_commit[] = \"${commit}\";
const char wizhil_title[] = \"${title}\";
")
if(EXISTS ${OUTPUT})
	file(READ ${OUTPUT} before)
endif()
if(NOT text STREQUAL before)
	file(WRITE ${OUTPUT} "${text}")
endif()
