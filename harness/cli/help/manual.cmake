# SPDX-License-Identifier: MIT
#
# cmake -DWIZHIL=COMMAND -DOUTPUT=FOLDER -P manual.cmake: man pages and completions, as the program
# explains itself, in the folders in which they are installed below share/; and a page of the virtual device
# (-DDEVICE=COMMAND), of what it says of itself.
function(explain file)
	get_filename_component(folder ${OUTPUT}/${file} DIRECTORY)
	file(MAKE_DIRECTORY ${folder})
	execute_process(COMMAND ${WIZHIL} help ${ARGN} OUTPUT_FILE ${OUTPUT}/${file}
		COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${OUTPUT})
execute_process(COMMAND ${WIZHIL} help --pages OUTPUT_VARIABLE pages COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" pages "${pages}")
foreach(page ${pages})
	string(REPLACE " " ";" page ${page})
	list(GET page 0 name)
	list(GET page 1 section)
	if(name STREQUAL wizhil)
		explain(man/man1/wizhil.1 --man)
	else()
		explain(man/man${section}/wizhil-${name}.${section} --man ${name})
	endif()
endforeach()
explain(bash-completion/completions/wizhil --completion bash)
explain(zsh/_wizhil --completion zsh)
explain(fish/vendor_completions.d/wizhil.fish --completion fish)

execute_process(COMMAND ${DEVICE} --help OUTPUT_VARIABLE help COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${DEVICE} --list-settings OUTPUT_VARIABLE settings COMMAND_ERROR_IS_FATAL ANY)
foreach(text help settings)
	string(REPLACE "\\" "\\e" ${text} "${${text}}")
	string(REPLACE "-" "\\-" ${text} "${${text}}")
	string(REGEX REPLACE "(^|\n)([.'])" "\\1\\\\&\\2" ${text} "${${text}}")
endforeach()
file(WRITE ${OUTPUT}/man/man1/virtual-wizfi210.1 ".TH virtual\\-wizfi210 1 \"\" wizhil wizhil
.SH NAME
virtual\\-wizfi210 \\- a WizFi210 in software, for wizhil and other testers
.SH SYNOPSIS
\\fBvirtual\\-wizfi210\\fR [\\fIOPTION\\fR...]
.SH DESCRIPTION
.nf
${help}.fi
.SH SETTINGS
Each with its default, for \\fB\\-\\-set\\fR:
.PP
.nf
${settings}.fi
.SH SEE ALSO
\\fBwizhil\\fR(1), \\fBwizhil\\-prove\\fR(1)
")

file(WRITE ${OUTPUT}/man/man1/wizhil-cases.1 ".TH wizhil\\-cases 1 \"\" wizhil wizhil
.SH NAME
wizhil\\-cases \\- the cases of wizhil, as a Criterion program
.SH SYNOPSIS
\\fBwizhil\\-cases\\fR [\\fIOPTION\\fR...]
.SH DESCRIPTION
Started by \\fBwizhil run\\fR, which it needs for a bench.
With \\fB\\-\\-describe\\fR it prints the cases as JSON.
.SH SEE ALSO
\\fBwizhil\\fR(1), \\fBwizhil\\-run\\fR(1), \\fBwizhil\\-list\\fR(1)
")
