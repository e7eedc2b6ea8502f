/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_TEMPLATES_H
#define WIZHIL_REPORT_TEMPLATES_H

/* The files below reports/templates, as they were at build time (report/html/embed.cmake). */
extern const char template_page_html[];
extern const char template_report_css[];
extern const char template_script_js[];
extern const char template_symbols_svg[];

/* "sha256-...": of template_script_js, for the page's Content-Security-Policy. */
extern const char script_hash[];

#endif
