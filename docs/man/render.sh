#!/bin/sh
# A manual page made of its Markdown: render.sh man|html CMARK NAME VERSION PAGE.1.md
set -eu
form=$1 cmark=$2 name=$3 version=$4 page=$5

case $form in
man)
	title=$(echo "$name" | tr "[:lower:]" "[:upper:]")
	printf '.TH %s 1 "" "itsm %s" "itsm manual"\n' "$title" "$version"
	# cmark leaves dots and quotes at the start of code lines for troff to take as its own
	"$cmark" -t man "$page" | awk '
		/^\.nf$/ { code = 1; print; next }
		/^\.fi$/ { code = 0 }
		code && /^[.'\'']/ { print "\\&" $0; next }
		{ gsub(/\\f\[C\]/, "\\f[CR]"); print }' ;;
html)
	printf '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>%s(1)</title>\n</head>\n<body>\n' "$name"
	"$cmark" -t html "$page"
	printf '</body>\n</html>\n' ;;
esac
