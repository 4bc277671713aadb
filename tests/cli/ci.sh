#!/bin/sh
# docs/ci: the templates of pipelines, run by a real runner or the real shell, or read by an independent validator.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

templates=$repository_root/docs/ci
tools=${ITSM_CI_TOOLS:-$repository_root/build/ci-tools}

# A tool from npm, kept in the build folder; skips the test where it can't be had.
npm_tool() { # command package ...
	name=$1 tool=$tools/node_modules/.bin/$1
	shift
	if ! command -v npm >/dev/null; then
		skip 'there is no npm here'
		return 1
	fi
	[ -x "$tool" ] || HOME=$tools timeout 300 npm install --silent --no-audit --no-fund --prefix "$tools" "$@" >"$top/npm" 2>&1
	[ -x "$tool" ] && return 0
	skip "npm brings no $name"
	return 1
}

# A hub, and a clone with a scheduled change on main, a deploy.sh, and a proposal that breaks a rule.
shop() {
	desk
	mkdir -p transition/changes/2026/11 transition/articles policy/rules
	# who approves models is not what is tested here
	printf 'name: article-approval\nenabled: false\n' >policy/rules/article-approval.yaml
	cat >transition/changes/2026/11/CHG-4k7q2m8d.md <<'END'
---
state: scheduled
title: Deploy billing
type: standard
model: deploy-billing
requester: ada-lovelace
implementer: ada-lovelace
window: {start: 2026-11-22T09:00:00Z, end: 2026-11-22T11:00:00Z}
opened: 2026-11-20T09:00:00Z
---

## Reason

New.
END
	cat >transition/articles/deploy-billing.md <<'END'
---
state: published
title: Deploy billing
type: standard-change
owner: ada-lovelace
valid_until: 2027-01-01
opened: 2026-11-01T10:00:00Z
---

## Solution

Run it.

## Backout plan

Run the one before.
END
	# shellcheck disable=SC2016 # the script's own
	printf '#!/bin/sh\necho deployed >>%s\nexit "${DEPLOY_CODE:-0}"\n' "$top/deployed" >deploy.sh
	chmod +x deploy.sh
	must git add .
	must git commit -q -m 'Bill

Change: CHG-4k7q2m8d'
	must git clone -q --bare . "$top/hub.git"
	must git remote add origin "file://$top/hub.git"
	must git fetch -q
	must git checkout -q -b good
	must itsm new incident --title Fine
	must git checkout -q -b bad
	sed -i 's/^state: scheduled/state: closed/' transition/changes/2026/11/CHG-4k7q2m8d.md
	must git commit -q -a -m 'Close it'
	must git push -q origin good bad
	must git checkout -q main
}

deployment() { # field: of the only one
	sed -n "s/^$1: //p" transition/deployments/*/*/DEP-*.yaml
}

begin 'the plain script judges a proposal and leaves the reports'
shop
run sh "$templates/pipeline.sh" check main good
code 0
must xmllint --noout itsm-reports/junit.xml
rm -r itsm-reports
run env ITSM_REPORTS=other sh "$templates/pipeline.sh" check main bad
code 1
out_has 'workflow/transition'
for file in junit.xml itsm.sarif review.md; do
	grep -q workflow/transition "other/$file" || problem "$file lacks the finding"
done
run sh "$templates/pipeline.sh" check main
code 2
run sh "$templates/pipeline.sh"
code 2

begin 'the plain script fetches what a shallow clone lacks, or says which depth it needs'
shop
must git clone -q --depth 1 --no-single-branch "file://$top/hub.git" "$top/shallow"
cd "$top/shallow" || exit 3
run sh "$templates/pipeline.sh" check origin/main origin/bad
code 1
out_has 'workflow/transition'
must git clone -q --depth 1 --no-single-branch "file://$top/hub.git" "$top/cut"
cd "$top/cut" || exit 3
must git remote set-url origin "$top/gone"
run sh "$templates/pipeline.sh" check origin/main origin/bad
code 3
err_has 'fetch depth 0'
out ''

begin 'the plain script deploys, records it and brings the record to the hub'
shop
run env ITSM_PIPELINE=https://ci.example.org/7 sh "$templates/pipeline.sh" deploy HEAD ./deploy.sh
code 0
is deployed deployed "$(cat "$top/deployed")"
is result succeeded "$(deployment result)"
is change CHG-4k7q2m8d "$(deployment change)"
is 'the hub' "$(git rev-parse main)" "$(git -C "$top/hub.git" rev-parse main)"
sound

begin 'the plain script records a failure and hands on its code; outside of the window nothing is deployed'
shop
commit=$(git rev-parse HEAD)
run env DEPLOY_CODE=7 sh "$templates/pipeline.sh" deploy "$commit" ./deploy.sh
code 7
is result failed "$(deployment result)"
rm "$top/deployed"
ITSM_NOW=2026-11-22T12:00:00Z
run sh "$templates/pipeline.sh" deploy "$commit" ./deploy.sh
code 1
err_has guard/change/in-window
[ ! -e "$top/deployed" ] || problem 'it was deployed'
ITSM_NOW=2026-11-22T10:00:00Z

# Run a job of the GitLab template in the current work tree by gitlab-ci-local.
gitlab_job() { # job variable=value ...
	job=$1
	shift
	cp "$templates/gitlab.yml" .gitlab-ci.yml
	printf '.gitlab-ci.yml\n.gitlab-ci-local\n' >>.git/info/exclude
	for variable; do
		shift
		set -- "$@" --variable "$variable"
	done
	run timeout 120 "$tool" --cwd . --home "$HOME" --no-color --shell-executor-no-image --no-shell-isolation "$job" \
		--variable "ITSM_NOW=$ITSM_NOW" --variable ITSM_USER_MAIL=ada@example.org "$@"
}

begin 'the GitLab template is run by gitlab-ci-local: a proposal is judged'
if npm_tool gitlab-ci-local gitlab-ci-local@4.61.1; then
	shop
	must git checkout -q good
	gitlab_job itsm-check CI_PIPELINE_SOURCE=merge_request_event CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main
	code 0
	must git checkout -q bad
	gitlab_job itsm-check CI_PIPELINE_SOURCE=merge_request_event CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main
	code 1
	out_has 'workflow/transition'
	quality=$(find . -name quality.json | head -n 1)
	grep -q workflow/transition "$quality" || problem 'the quality report lacks the finding'
fi

begin 'the GitLab template is run by gitlab-ci-local: who approved the merge request counts, for what was there then'
if npm_tool gitlab-ci-local gitlab-ci-local@4.61.1; then
	shop
	must itsm new person id=grace --title Grace mail=grace@example.org accounts=gitlab:grace-h
	printf 'name: reviewed\nkinds: [change]\nstates: [assess]\nrequire: {approvals: [{person: grace, witness: [forge]}]}\n' >policy/rules/reviewed.yaml
	must git add policy
	must git commit -q -m 'a rule'
	must git push -q origin main
	must git checkout -q -b reviewed
	id=$(new change --title 'Reviewed' requester=ada-lovelace --body-file - <<'END'
## Reason

Full.
END
	)
	must itsm move "$id" submitted
	sed -i 's/^state: submitted/state: assess/' "$(path_of "$id")"
	must git commit -q -a -m assess
	api=api/v4/projects/7/merge_requests/5
	mkdir -p "$top/$api"
	printf '{"iid":5,"author":{"username":"ada"}}' >"$top/$api.json"
	printf '{"approved_by":[{"user":{"username":"grace-h"},"approved_at":"2026-11-22T09:00:00.123Z"}]}' >"$top/$api/approvals.json"
	(cd "$top" && exec timeout 300 python3 -u - >"$top/port" 2>"$top/requests") <<'END' &
import http.server
class Api(http.server.SimpleHTTPRequestHandler):
    def translate_path(self, path):
        return super().translate_path(path) + ".json" if self.headers["PRIVATE-TOKEN"] == "secret" else "/none"
server = http.server.HTTPServer(("127.0.0.1", 0), Api)
print(server.server_port)
server.serve_forever()
END
	server=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		port=$(cat "$top/port" 2>/dev/null)
		[ -z "$port" ] || break
		sleep 0.2
	done
	for commit in HEAD main; do # the head when it was approved
		printf '[{"head_commit_sha":"%s","created_at":"2026-11-22T09:30:00Z"},{"head_commit_sha":"%s","created_at":"2026-11-22T08:30:00.000Z"}]' \
			"$(git rev-parse HEAD)" "$(git rev-parse "$commit")" >"$top/$api/versions.json"
		gitlab_job itsm-check CI_PIPELINE_SOURCE=merge_request_event CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main ITSM_API_TOKEN=secret \
			"CI_API_V4_URL=http://127.0.0.1:$port/api/v4" CI_PROJECT_ID=7 CI_MERGE_REQUEST_IID=5
		if [ "$commit" = HEAD ]; then
			code 0
		else
			code 1
			out_has 'policy/reviewed'
		fi
	done
	kill "$server"
fi

begin 'the GitLab template is run by gitlab-ci-local: a deployment is recorded'
if npm_tool gitlab-ci-local gitlab-ci-local@4.61.1; then
	shop
	gitlab_job itsm-deploy CI_COMMIT_BRANCH=main
	code 0
	is deployed deployed "$(cat "$top/deployed")"
	must git -C "$top/hub.git" log -1 --format=%s main
	must git fetch -q
	is 'the hub has it' succeeded "$(git show origin/main:"$(git ls-tree -r --name-only origin/main transition/deployments)" | sed -n 's/^result: //p')"
fi

# Run the Jenkinsfile in the current work tree by Groovy, whose declarations jenkins.groovy knows; skips where there is none.
jenkins() { # variable=value ...
	java=$(readlink -f "$(command -v java)")
	run env "JAVA_HOME=${java%/bin/java}" "$@" groovy "$repository_root/tests/cli/jenkins.groovy" "$templates/Jenkinsfile"
}

begin 'the Jenkinsfile is run by Groovy: a proposal is judged'
if ! command -v groovy >/dev/null || ! command -v java >/dev/null; then
	skip 'there is no groovy here'
else
	shop
	must git checkout -q good
	jenkins CHANGE_TARGET=main BRANCH_NAME=PR-1
	code 0
	out_has 'stage itsm check' 'report ' junit.xml itsm.sarif review.md
	out_lacks 'stage deploy'
	must git checkout -q bad
	jenkins CHANGE_TARGET=main BRANCH_NAME=PR-2
	code 1
	grep -q workflow/transition itsm-reports/junit.xml || problem 'the report lacks the finding'
fi

begin 'the Jenkinsfile is run by Groovy: a deployment is recorded, and stopped'
if ! command -v groovy >/dev/null || ! command -v java >/dev/null; then
	skip 'there is no groovy here'
else
	shop
	must git branch -q -u origin/main
	commit=$(git rev-parse HEAD)
	jenkins BRANCH_NAME=main "GIT_COMMIT=$commit" BUILD_URL=https://ci.example.org/7
	code 0
	out_lacks 'stage itsm check'
	is deployed deployed "$(cat "$top/deployed")"
	is result succeeded "$(deployment result)"
	is 'the hub' "$(git rev-parse main)" "$(git -C "$top/hub.git" rev-parse main)"
	rm "$top/deployed"
	jenkins BRANCH_NAME=main "GIT_COMMIT=$commit" BUILD_URL=https://ci.example.org/8 ITSM_NOW=2026-11-22T12:00:00Z
	code 1
	err_has guard/change/in-window
	[ ! -e "$top/deployed" ] || problem 'it was deployed'
fi

begin 'the GitHub template is read by action-validator'
if npm_tool action-validator @action-validator/cli @action-validator/core; then
	mkdir -p .github/workflows
	cp "$templates/github.yml" .github/workflows/itsm.yml
	run "$tool" .github/workflows/itsm.yml
	code 0
	sed 's/runs-on/run-on/' "$templates/github.yml" >.github/workflows/itsm.yml
	run "$tool" .github/workflows/itsm.yml
	[ "$got" -ne 0 ] || problem 'it finds no fault with anything'
fi

begin 'the shell in the GitHub template takes nothing from a pull request into its text'
python3 - "$templates/github.yml" >found <<'END'
import re, sys, yaml
for job in yaml.safe_load(open(sys.argv[1]))["jobs"].values():
    for step in job["steps"]:
        for hit in re.findall(r"\$\{\{.*?\}\}", step.get("run", "")):
            print(step.get("name"), hit)
END
is 'expressions in scripts' '' "$(cat found)"

begin 'the GitHub template asks for every page of the reviews, so that nobody hides a rejection behind a hundred comments'
python3 - "$templates/github.yml" >found <<'END'
import sys, yaml
steps = [step for job in yaml.safe_load(open(sys.argv[1]))["jobs"].values() for step in job["steps"]]
print([all(word in step["run"].split() for word in ("--paginate", "--slurp")) for step in steps if "gh api" in step.get("run", "")])
END
is 'all pages, as one list' '[True]' "$(cat found)"

begin 'every script in the templates is shell'
python3 - "$templates/github.yml" "$templates/gitlab.yml" <<'END'
import sys, yaml
for path in sys.argv[1:]:
    for name, job in (lambda y: y.get("jobs", y))(yaml.safe_load(open(path))).items():
        if not isinstance(job, dict):
            continue
        lines = job.get("script", []) + [step["run"] for step in job.get("steps", []) if "run" in step]
        if lines:
            open(f"{name}-{len(path)}.sh", "w").write("\n".join(lines) + "\n")
END
for script in ./*.sh "$templates/pipeline.sh"; do
	must sh -n "$script"
done
finish
