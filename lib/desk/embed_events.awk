# The built-in maps and rules as a C table: awk -f embed_events.awk events/*.yaml
function finish() { if (open) print "\t}," }
FNR == 1 {
	finish()
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.yaml$/, "", name)
	if (!begun++)
		print "#include \"event.h\"\n\nconst struct event_builtin event_builtins[] = {"
	printf "\t{\"%s\",\n", name
	open = 1
}
{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	printf "\t\t\"%s\\n\"\n", $0
}
END { finish(); print "\t{0},\n};" }
