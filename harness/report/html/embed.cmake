# SPDX-License-Identifier: MIT
#
# Makes a C file of text files, so that an installed wizhil needs none of them beside it:
#   cmake -DOUTPUT=templates.c -DFOLDER=reports/templates -P embed.cmake
# Each FOLDER/name.ext becomes template_name_ext[], a string.  The scripts become one,
# template_script_js[]; script_hash[] is its SHA-256 as Content-Security-Policy wants it: the page
# runs this script and no other.
set(code "/* Made by harness/report/html/embed.cmake. */\n#include \"report/html/templates.h\"\n")
set(script "")
foreach(name timeline.js report.js)
	file(READ ${FOLDER}/${name} hex HEX)
	string(APPEND script "${hex}")
endforeach()
foreach(name page.html report.css script.js symbols.svg)
	if(name STREQUAL script.js)
		set(hex "${script}")
	else()
		file(READ ${FOLDER}/${name} hex HEX)
	endif()
	string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
	string(REPLACE "." "_" identifier ${name})
	string(APPEND code "const char template_${identifier}[] = {${bytes}0};\n")
endforeach()

# Hexadecimal to base 64: three octets, six digits, give four characters.
# Hashed as a file, for cmake hashes no octets that are not text of its own.
file(READ ${FOLDER}/timeline.js timeline)
file(READ ${FOLDER}/report.js report)
file(WRITE ${OUTPUT}.js "${timeline}${report}")
file(SHA256 ${OUTPUT}.js hash)
set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
set(base64 "")
foreach(at RANGE 0 63 6)
	string(SUBSTRING "${hash}00" ${at} 6 digits)
	math(EXPR octets "0x${digits}")
	foreach(shift 18 12 6 0)
		math(EXPR index "(${octets} >> ${shift}) & 63")
		string(SUBSTRING ${alphabet} ${index} 1 character)
		string(APPEND base64 ${character})
	endforeach()
endforeach()
# 32 octets are ten triples and two: the last character stands for the padding.
string(SUBSTRING ${base64} 0 43 base64)
string(APPEND code "const char script_hash[] = \"sha256-${base64}=\";\n")
file(WRITE ${OUTPUT} "${code}")
