/*
 * GMime, loaded when the first mail is read: with GLib it costs a start more than most commands take.
 *
 * TEXT_GMIME names the functions that are used; each is called through the table `gmime`, with the type its header declares.
 */
#ifndef TEXT_GMIME_H
#define TEXT_GMIME_H

#include <gmime/gmime.h>

#include "itsm/error.h"

#define TEXT_GMIME(X) \
	X(g_free) \
	X(g_log_set_default_handler) \
	X(g_mime_content_type_get_mime_type) \
	X(g_mime_content_type_is_type) \
	X(g_mime_data_wrapper_write_to_stream) \
	X(g_mime_init) \
	X(g_mime_message_get_addresses) \
	X(g_mime_message_get_message_id) \
	X(g_mime_message_get_mime_part) \
	X(g_mime_message_get_subject) \
	X(g_mime_message_get_type) \
	X(g_mime_message_part_get_type) \
	X(g_mime_multipart_get_count) \
	X(g_mime_multipart_get_part) \
	X(g_mime_multipart_get_type) \
	X(g_mime_object_get_content_type) \
	X(g_mime_object_get_disposition) \
	X(g_mime_object_get_header) \
	X(g_mime_object_to_string) \
	X(g_mime_parser_construct_message) \
	X(g_mime_parser_new_with_stream) \
	X(g_mime_part_get_content) \
	X(g_mime_part_get_filename) \
	X(g_mime_part_get_type) \
	X(g_mime_references_free) \
	X(g_mime_references_get_message_id) \
	X(g_mime_references_length) \
	X(g_mime_references_parse) \
	X(g_mime_stream_mem_get_byte_array) \
	X(g_mime_stream_mem_new) \
	X(g_mime_stream_mem_new_with_buffer) \
	X(g_mime_text_part_get_text) \
	X(g_mime_text_part_get_type) \
	X(g_object_unref) \
	X(g_type_check_instance_is_a) \
	X(internet_address_get_name) \
	X(internet_address_group_get_type) \
	X(internet_address_list_get_address) \
	X(internet_address_list_length) \
	X(internet_address_mailbox_get_addr) \
	X(internet_address_mailbox_get_type)

struct text_gmime {
#define TEXT_GMIME_MEMBER(name) __typeof__(name) *name;
	TEXT_GMIME(TEXT_GMIME_MEMBER)
#undef TEXT_GMIME_MEMBER
};

/* Filled once, for the whole process. */
extern struct text_gmime gmime;

/* ITSM_EIO when it is not there, with the package to install. */
int text_gmime_load(struct itsm_error *err);

#endif
