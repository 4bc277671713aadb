/* The user's own programs: pager, editor, man. All are asked of git, as git would use them. */
#ifndef CMD_PROCESS_H
#define CMD_PROCESS_H

#include "context.h"

/* Run a program on the terminal and wait. ITSM_EIO when it cannot run or fails. */
int process_run(const char *const *argv, struct itsm_error *err);

/* What `git var NAME` says, without its newline, in the context's arena. */
int process_git_var(struct context *context, const char *name, const char **out, struct itsm_error *err);

/* A word as a shell takes it, in the context's arena: quoted where it must be. */
const char *process_quote(struct context *context, const char *word);

/*
 * Texts under the editor lie in <git dir>/itsm/edit/, and stay there when the
 * record is refused, so that no word is lost.
 */
struct draft {
	int root;         /* descriptor of the git dir */
	const char *name; /* below the git dir */
	const char *path; /* absolute */
};

/* Write a new draft; `label` and `suffix` go into its name. */
int draft_begin(struct context *context, const char *label, const char *suffix, const char *text, size_t size,
	struct draft *out, struct itsm_error *err);
/* Is `path` a draft of this desk? Then continue it. */
bool draft_resume(struct context *context, const char *path, struct draft *out);
/* Open the editor on the draft, then read it. */
int draft_edit(struct context *context, const struct draft *draft, struct itsm_buffer *out, struct itsm_error *err);
/* Close the draft; the text is removed unless `keep`. */
void draft_end(struct draft *draft, bool keep);

/* On a terminal: ask whether to open the editor again. False elsewhere. */
bool draft_again(struct context *context);

#endif
