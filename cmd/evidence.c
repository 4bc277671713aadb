/* itsm evidence: a folder that an auditor verifies without itsm, and verifying it with itsm. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "itsm/audit.h"
#include "output.h"

struct evidence_values {
	const char *output, *key, *sample, *seed, *kind, *from, *to, *signers, *digest;
};

static const struct option_row options[] = {
	{0, "output", "DIR", OPTION_TEXT, offsetof(struct evidence_values, output),
		"the folder to make; evidence-ID or evidence-sample when not given"},
	{0, "key", "FILE", OPTION_TEXT, offsetof(struct evidence_values, key),
		"sign with this SSH key instead of what git is configured to"},
	{0, "sample", "N", OPTION_TEXT, offsetof(struct evidence_values, sample),
		"draw so many records instead of naming one"},
	{0, "seed", "TEXT", OPTION_TEXT, offsetof(struct evidence_values, seed),
		"of the sample: the same draws the same"},
	{0, "kind", "KIND", OPTION_TEXT, offsetof(struct evidence_values, kind),
		"of the sample; change when not given"},
	{0, "from", "TIME", OPTION_TEXT, offsetof(struct evidence_values, from),
		"of the sample: opened at TIME or later"},
	{0, "to", "TIME", OPTION_TEXT, offsetof(struct evidence_values, to), "of the sample: opened before TIME"},
	{0, "signers", "FILE", OPTION_TEXT, offsetof(struct evidence_values, signers),
		"verify: who may have signed, as ssh-keygen's allowed signers"},
	{0, "digest", "DIGEST", OPTION_TEXT, offsetof(struct evidence_values, digest),
		"verify: what the digest of the manifest must be"},
	{0},
};

const struct syntax evidence_syntax = {
	.words = "ID | --sample N --seed TEXT | verify DIR",
	.options = options,
	.size = sizeof(struct evidence_values),
	.most = 2,
};

static int verify(
	struct context *context, const char *folder, const struct evidence_values *values, struct itsm_error *err)
{
	struct itsm_evidence_verified verified;
	struct itsm_findings findings;
	struct itsm_buffer text = {0};
	int status;

	itsm_findings_init(&findings, context->arena);
	status = itsm_evidence_verify(context->arena, context_path(context, folder),
		values->signers ? context_path(context, values->signers) : NULL, values->digest, &findings, &verified,
		err);
	if (status)
		return status;
	for (size_t i = 0; i < findings.count; i++)
		output_finding(&context->palette, &findings.items[i], &text);
	output_flush(context, &text);
	itsm_buffer_free(&text);
	output_note(context, "%zu files, manifest %s", verified.files, verified.digest);
	if (verified.signer)
		output_note(context, "signed by %s%s", verified.signer,
			values->signers
				? ""
				: ", by the list of signers in the folder itself; --signers FILE names your own");
	else if (!findings.errors)
		output_note(context, "unsigned: compare the digest with the one you were told");
	return findings.errors ? output_told(err) : ITSM_OK;
}

static int read_sample(const struct evidence_values *values, struct itsm_evidence *request, struct itsm_error *err)
{
	char *end = NULL;
	unsigned long count = values->sample ? strtoul(values->sample, &end, 10) : 0;

	if (!values->sample)
		return ITSM_OK;
	if (strspn(values->sample, "0123456789") != strlen(values->sample) || *end || !count ||
		count > ITSM_EVIDENCE_SAMPLE)
		return itsm_error_set(
			err, ITSM_EUSAGE, "evidence: --sample takes a number from 1 to %d", ITSM_EVIDENCE_SAMPLE);
	if (!values->seed)
		return itsm_error_set(err, ITSM_EUSAGE,
			"evidence: --sample needs --seed, so that the same sample can be drawn again");
	request->sample = count;
	return ITSM_OK;
}

static int make(struct context *context, const char *id, const struct evidence_values *values, struct itsm_error *err)
{
	struct itsm_evidence request = {
		.id = id,
		.seed = values->seed,
		.kind = values->kind,
		.from = values->from,
		.to = values->to,
		.key = values->key ? context_path(context, values->key) : NULL,
	};
	struct itsm_evidenced made;
	struct itsm_buffer line = {0};
	const char *name = values->output ? values->output
		: id			  ? itsm_arena_printf(context->arena, "evidence-%s", id)
					  : "evidence-sample";
	int status = read_sample(values, &request, err);

	if (status)
		return status;
	if (!values->output && id && strchr(id, '/'))
		return itsm_error_set(err, ITSM_EUSAGE, "evidence: name the folder with --output");
	request.output = context_path(context, name);
	status = itsm_desk_evidence(context->desk, context->arena, &request, &made, err);
	if (status)
		return status;
	context_progress_clear(context);
	itsm_buffer_printf(&line, "%s %s\n", name, made.digest);
	output_flush(context, &line);
	itsm_buffer_free(&line);
	if (!id)
		output_note(context, "%zu of %zu records", made.records, made.population);
	output_note(context, "%zu files, %zu findings that are errors", made.files, made.errors);
	if (made.signer)
		output_note(context, "signed by %s", made.signer);
	else
		output_note(context, "unsigned: %s; give the digest to the auditor by another way than the folder",
			made.why_unsigned ? made.why_unsigned : "there is no key");
	return ITSM_OK;
}

int command_evidence(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct evidence_values *values = data;
	int status;

	if (words.count == 2 && !strcmp(words.items[0], "verify"))
		return verify(context, words.items[1], values, err);
	if (words.count > 1)
		return itsm_error_set(err, ITSM_EUSAGE, "evidence: one ID, --sample, or `verify DIR`");
	if ((words.count == 1) == (values->sample != NULL))
		return itsm_error_set(err, ITSM_EUSAGE, "evidence: name a record, or --sample N --seed TEXT");
	status = context_desk(context, err);
	return status ? status : make(context, words.count ? words.items[0] : NULL, values, err);
}
