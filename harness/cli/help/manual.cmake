# SPDX-License-Identifier: MIT
#
# cmake -DWIZHIL=COMMAND -DOUTPUT=FOLDER -P manual.cmake: man pages and completions, as the program
# explains itself, in the folders in which they are installed below share/.
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
