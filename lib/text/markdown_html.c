/* Markdown of a record in a page. */
#include <cmark.h>
#include <stdlib.h>
#include <string.h>

#include "defuse.h"
#include "itsm/markdown.h"
#include "itsm/utf8.h"

/* cmark escapes what means something in HTML; what deceives a reader is left to us. */
static void add_shown(const char *html, struct itsm_buffer *out)
{
	uint32_t codepoint;
	size_t length;

	for (size_t left = strlen(html); left; html += length, left -= length) {
		length = itsm_utf8_decode(html, left, &codepoint);
		if (*html == DEFUSED_BANG) {
			length = 1;
			itsm_buffer_putc(out, '!');
		} else if (length == 0) {
			length = 1;
			itsm_buffer_puts(out, "\xEF\xBF\xBD");
		} else if (codepoint != '\n' && codepoint != '\t' && codepoint != '\r' &&
			itsm_utf8_is_control(codepoint)) {
			itsm_buffer_puts(out, "\xEF\xBF\xBD");
		} else if (itsm_utf8_is_deceptive(codepoint)) {
			itsm_buffer_printf(out, "\\u{%04X}", (unsigned)codepoint);
		} else {
			itsm_buffer_add(out, html, length);
		}
	}
}

void itsm_markdown_html(const char *text, size_t size, struct itsm_buffer *out)
{
	struct itsm_buffer defused = {0};
	cmark_node *document;
	char *html;

	itsm_markdown_defuse(text, size, &defused);
	document = cmark_parse_document(defused.data ? defused.data : "", defused.length, CMARK_OPT_DEFAULT);
	html = document ? cmark_render_html(document, CMARK_OPT_DEFAULT) : NULL;
	if (html)
		add_shown(html, out);
	free(html);
	if (document)
		cmark_node_free(document);
	itsm_buffer_free(&defused);
}
