/*
 * libgit2, loaded when a repository is first opened.
 *
 * Most commands are answered by the index and never open one; loading the
 * library and the ten it needs itself costs them more than all they do.
 *
 * STORE_GIT2 names the functions that are used, without `git_`; each is called as
 * git2.tree_lookup(...), with the type its header declares. The library is not linked:
 * a call that goes round the table, git_tree_lookup(...), fails to link.
 */
#ifndef STORE_LIBGIT2_H
#define STORE_LIBGIT2_H

#include <git2.h>

#include "itsm/error.h"

#define STORE_GIT2(X) \
	X(buf_dispose) \
	X(commit_author) \
	X(commit_committer) \
	X(commit_free) \
	X(commit_id) \
	X(commit_lookup) \
	X(commit_message) \
	X(commit_parent_id) \
	X(commit_parentcount) \
	X(commit_tree_id) \
	X(config_free) \
	X(config_get_string_buf) \
	X(config_open_ondisk) \
	X(error_last) \
	X(libgit2_init) \
	X(libgit2_opts) \
	X(libgit2_shutdown) \
	X(merge_base) \
	X(object_free) \
	X(object_id) \
	X(object_lookup) \
	X(object_peel) \
	X(odb_add_disk_alternate) \
	X(odb_exists) \
	X(odb_free) \
	X(odb_object_data) \
	X(odb_object_free) \
	X(odb_object_size) \
	X(odb_object_type) \
	X(odb_read) \
	X(odb_read_header) \
	X(odb_refresh) \
	X(oid_cpy) \
	X(oid_equal) \
	X(oid_fromstrn) \
	X(oid_tostr) \
	X(reference_name_to_id) \
	X(reference_remove) \
	X(repository_free) \
	X(repository_odb) \
	X(repository_open_ext) \
	X(revparse_single) \
	X(tree_dup) \
	X(tree_entry_byindex) \
	X(tree_entry_byname) \
	X(tree_entry_cmp) \
	X(tree_entry_filemode) \
	X(tree_entry_id) \
	X(tree_entry_name) \
	X(tree_entry_type) \
	X(tree_entrycount) \
	X(tree_free) \
	X(tree_id) \
	X(tree_lookup)

struct store_git2 {
#define STORE_GIT2_MEMBER(name) __typeof__(git_##name) *name;
	STORE_GIT2(STORE_GIT2_MEMBER)
#undef STORE_GIT2_MEMBER
};

/* Filled once, for the whole process, before the first repository is open; never changed after that. */
extern struct store_git2 git2;

/* Load the library into the table, and keep it. ITSM_EGIT when it is not there, or is not the one of the header. */
int store_git2_load(struct itsm_error *err);

#endif
