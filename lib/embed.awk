# Text files as a C table:
#   awk -v table=NAME -f embed.awk FILE ...                           of strings, ended by 0
#   awk -v table=NAME -v row=STRUCT -v header=FILE.h [-v lead=REGEX] -f embed.awk FILE ...
#       of such structs {name, text}, ended by {0}; the name is that of the file up to its first dot, without what `lead` matches
function finish() { if (open) print row ? "\t}," : "\t," }
function quoted(text) {
	gsub(/\\/, "&&", text)
	gsub(/"/, "\\\"", text)
	return text
}
BEGIN {
	type = row ? "struct " row " " : "char *const "
	if (header)
		printf "#include \"%s\"\n\n", header
	else
		printf "extern const %s%s[];\n\n", type, table
	printf "const %s%s[] = {\n", type, table
}
FNR == 1 {
	finish()
	open = 1
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\..*/, "", name)
	if (lead)
		sub(lead, "", name)
	if (row)
		printf "\t{\"%s\",\n", quoted(name)
}
{ printf "\t\t\"%s\\n\"\n", quoted($0) }
END {
	finish()
	print row ? "\t{0},\n};" : "\t0,\n};"
}
