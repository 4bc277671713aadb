#!/usr/bin/python3
"""Read a report as its consumer would, and compare it with the findings.

    formats.py FORM REPORT FINDINGS [SCHEMA]

FORM is sarif, github, gitlab, junit, tap (as prove's parser printed it) or html (of
the Markdown). FINDINGS is what --format json printed. Says what is wrong, and
ends with 1, when a finding is missing, altered, or has become something else.
"""
import html.parser
import json
import re
import sys
import urllib.parse
import xml.etree.ElementTree


def shown(text):
    """What the tool makes of characters that a terminal or reader must not get raw; lines stay."""
    one = lambda c: f"\\x{ord(c):02X}" if ord(c) < 0x80 else f"\\u{{{ord(c):04X}}}"
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]", lambda m: one(m.group()), text)


def one_line(text):
    return shown(text).replace("\n", "\\n").replace("\t", "\\t")


def whole(finding):
    return shown((finding["message"] + ("\n" + finding["remedy"] if finding["remedy"] else "")).replace("\r\n", "\n"))


def one_block(finding):
    return one_line(finding["message"]) + ("\n" + one_line(finding["remedy"]) if finding["remedy"] else "")


def read_sarif(path, schema):
    import jsonschema

    with open(path, encoding="utf-8") as report, open(schema, encoding="utf-8") as rules:
        log = json.load(report)
        jsonschema.validate(log, json.load(rules))
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules), "a rule twice"
    seen = set()
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"], "ruleIndex leads elsewhere"
        assert len(rule["help"]["text"]) > 20, f"{rule['id']} has no help"
        text = result["message"]["text"]
        assert not re.search(r"(?<!\\)(\\\\)*\[[^\]]*(?<!\\)\]\(", text), "a link in a message"
        seen.add(result["partialFingerprints"]["itsmFinding/v1"])
        location = result.get("locations", [{}])[0].get("physicalLocation", {})
        region = location.get("region", {})
        uri = location.get("artifactLocation", {}).get("uri")
        assert uri is None or re.fullmatch(r"([A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri), f"no relative reference: {uri}"
        yield (result["level"], rule["id"], urllib.parse.unquote(uri) if uri else None, region.get("startLine"),
               region.get("startColumn"), re.sub(r"\\([\[\]\\])", r"\1", text))
    assert len(seen) == len(run["results"]), "a fingerprint twice"


def read_github(path):
    """As the runner does: a line is a command when it begins with ::, or holds ##[ anywhere."""
    data = lambda text: text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
    value = lambda text: data(text.replace("%3A", ":").replace("%2C", ","))
    with open(path, encoding="utf-8", newline="") as report:
        text = report.read()
    for line in text.split("\n")[:-1]:
        assert "\r" not in line, "a carriage return"
        found = re.fullmatch(r"::(error|warning|notice) (.*?)::(.*)", line)
        assert found, f"no command: {line}"
        pairs = dict(pair.split("=", 1) for pair in found.group(2).split(","))
        assert set(pairs) <= {"file", "line", "col", "title"}, pairs
        number = lambda name: int(pairs[name]) if name in pairs else None
        level = {"notice": "note"}.get(found.group(1), found.group(1))
        yield (level, value(pairs["title"]), value(pairs["file"]) if "file" in pairs else None, number("line"),
               number("col"), data(found.group(3)))


def read_gitlab(path):
    with open(path, encoding="utf-8") as report:
        entries = json.load(report)
    assert len({entry["fingerprint"] for entry in entries}) == len(entries), "a fingerprint twice"
    for entry in entries:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}, entry
        level = {"major": "error", "minor": "warning", "info": "note"}[entry["severity"]]
        yield (level, entry["check_name"], entry["location"]["path"], entry["location"]["lines"]["begin"], None,
               entry["description"])


def read_junit(path):
    root = xml.etree.ElementTree.parse(path).getroot()
    suite = root.find("testsuite")
    cases = suite.findall("testcase")
    assert len(cases) == int(suite.get("tests")), "the number of tests"
    assert len(suite.findall(".//failure")) == int(suite.get("failures")), "the number of failures"
    for case in cases:
        parts = list(case)
        assert len(parts) <= 1, "one result"
        if not parts:
            continue
        level, text = parts[0].text.split(": ", 1)
        assert (parts[0].tag == "failure") == (level == "error"), "only errors fail"
        yield level, case.get("classname"), None, None, None, text


def read_tap(path):
    """JSON lines of the YAML blocks, as a parser of TAP understood them."""
    with open(path, encoding="utf-8") as report:
        for line in report:
            block = json.loads(line)
            number = lambda name: int(block[name]) if name in block else None
            text = block["message"] + ("\n" + block["remedy"] if "remedy" in block else "")
            yield block["severity"], block["rule"], block.get("path"), number("line"), number("column"), text


class Page(html.parser.HTMLParser):
    """Only plain elements without any attribute that could act; the text of each code element."""
    allowed = {"h2", "h3", "p", "ul", "li", "strong", "code", "pre", "table", "thead", "tbody", "tr", "th", "td"}

    def __init__(self):
        super().__init__()
        self.open, self.codes, self.outside = [], [], ""

    def handle_starttag(self, tag, attrs):
        assert tag in self.allowed, f"<{tag}> in the page"
        assert all(name in ("align", "class") for name, _ in attrs), f"attributes {attrs}"
        self.open.append(tag)
        if tag == "code":
            self.codes.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, "elements cross"

    def handle_data(self, data):
        if "code" in self.open:
            self.codes[-1] += data
        else:
            self.outside += data

    def handle_comment(self, data):
        raise AssertionError("a comment in the page")

    def handle_decl(self, decl):
        raise AssertionError("a declaration in the page")


def check_html(path, findings):
    page = Page()
    with open(path, encoding="utf-8") as report:
        page.feed(report.read())
    assert not re.search(r"[@#!~$&]\w|://|www\.|^\s*/", page.outside), f"active text: {page.outside}"
    for finding in findings:
        want = one_line(finding["message"])[:120]
        assert any(code.startswith(want) for code in page.codes), f"missing: {want}"


def compare(form, expected, got):
    loose = {"gitlab": lambda f: (f[0], f[1], f[2], f[3] or 1, None, f[5]), "junit": lambda f: (f[0], f[1], None, None, None, f[5])}
    expected = [loose.get(form, lambda f: f)(finding) for finding in expected]
    for finding in expected:
        assert finding in got, f"missing or altered: {finding}\namong {got}"
    assert len(expected) == len(got), f"{len(got)} findings, {len(expected)} expected"


def main():
    form, report, findings, *schema = sys.argv[1:]
    with open(findings, encoding="utf-8") as source:
        findings = json.load(source)["records"]
    path = {"sarif": lambda text: text, "tap": one_line}.get(form, shown)
    text = one_block if form == "tap" else whole
    expected = [(f["severity"], f["rule"], path(f["path"]) if f["path"] else None, f["line"], f["column"], text(f))
                for f in findings]
    try:
        if form == "html":
            check_html(report, findings)
        else:
            reader = {"sarif": read_sarif, "github": read_github, "gitlab": read_gitlab, "junit": read_junit, "tap": read_tap}
            compare(form, expected, list(reader[form](report, *schema)))
    except AssertionError as failure:
        print(failure)
        sys.exit(1)


main()
