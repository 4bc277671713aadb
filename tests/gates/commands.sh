#!/bin/sh
# Advice names commands that exist: every `itsm WORD` in the sources, kinds and documents is in the table of cmd/main.c.
set -u
cd "$(dirname "$0")/../.." || exit 3
known=$(sed -n '/^const struct command commands/,/^};/s/^\t{"\([a-z-]*\)".*/\1/p' cmd/main.c)
bad=$(grep -rnoE '`itsm [a-z]+(-[a-z]+)*' --include='*.c' --include='*.h' --include='*.yaml' --include='*.md' \
	lib cmd include docs README.md | while IFS= read -r hit; do
	word=${hit##*'`itsm '}
	echo "$known" | grep -qx "$word" || echo "# ${hit%:*}: there is no \`itsm $word\`"
done)
if [ -n "$known" ] && [ -z "$bad" ]; then
	echo "ok 1 - every command that is named exists"
else
	echo "not ok 1 - every command that is named exists"
	echo "$bad"
fi
echo "1..1"
[ -n "$known" ] && [ -z "$bad" ]
