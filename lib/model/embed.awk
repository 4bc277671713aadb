# Text files as a C table of strings: awk -v table=NAME -f embed.awk FILE ...
function finish() { if (open) print "\t," }
BEGIN { printf "extern const char *const %s[];\n\nconst char *const %s[] = {\n", table, table }
FNR == 1 { finish(); open = 1 }
{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	printf "\t\"%s\\n\"\n", $0
}
END { finish(); print "\t0,\n};" }
