# The manual pages as a C table: awk -f embed.awk docs/man/itsm*.1.md
function finish() { if (open) print "\t}," }
FNR == 1 {
	finish()
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.1\.md$/, "", name)
	sub(/^itsm-?/, "", name)
	if (!begun++)
		print "#include \"command.h\"\n\nconst struct manual_page manual_pages[] = {"
	printf "\t{\"%s\",\n", name
	open = 1
}
{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	printf "\t\t\"%s\\n\"\n", $0
}
END { finish(); print "\t{0},\n};" }
