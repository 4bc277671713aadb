#!/bin/sh
# Change policy in any pipeline, with nothing but git and itsm.
#
#   sh pipeline.sh check BASE HEAD               judge a proposal; reports in $ITSM_REPORTS
#   sh pipeline.sh deploy COMMIT COMMAND ...     run COMMAND if it may be deployed now, and record it
#
# Run it in the desk. What may be set:
#
#   ITSM_REPORTS      folder for reports, itsm-reports when not set
#   ITSM_REVIEWS      the forge's reviews of the proposal (JSON), fetched from its API by this very pipeline
#   ITSM_CHANGE       the change that is deployed; found from the trailer `Change: ID` of the commits when not set
#   ITSM_ENVIRONMENT  where it goes, production when not set
#   ITSM_PIPELINE     the address of this run
#   ITSM_CODE         the repository of the code, where that is not the desk's
set -eu

# Without the history between BASE and HEAD there is no verdict.
need_history() {
	[ "$(git rev-parse --is-shallow-repository)" = true ] || return 0
	git fetch --quiet --unshallow 2>/dev/null && return 0
	echo 'this clone is shallow, and the rest cannot be fetched: check out with the whole history (fetch depth 0)' >&2
	exit 3
}

check() { # BASE HEAD
	need_history
	reports=${ITSM_REPORTS:-itsm-reports}
	set -- "$1..$2" --output "junit=$reports/junit.xml" --output "sarif=$reports/itsm.sarif" \
		--output "markdown=$reports/review.md"
	[ -z "${ITSM_REVIEWS-}" ] || set -- "$@" --reviews "$ITSM_REVIEWS"
	exec itsm check "$@"
}

deploy() { # COMMIT COMMAND ...
	commit=$1
	shift
	deployment=$(
		set -- start --message "[skip ci]" --commit "$commit" --environment "${ITSM_ENVIRONMENT:-production}"
		[ -z "${ITSM_CHANGE-}" ] || set -- "$@" --change "$ITSM_CHANGE"
		[ -z "${ITSM_CODE-}" ] || set -- "$@" --repository "$ITSM_CODE"
		[ -z "${ITSM_PIPELINE-}" ] || set -- "$@" "pipeline=$ITSM_PIPELINE"
		exec itsm deploy "$@"
	) || exit
	# others are to see that it goes on, too
	[ -z "$(git remote)" ] || itsm sync
	result=succeeded code=0
	"$@" || { code=$? result=failed; }
	itsm deploy finish --message "[skip ci]" "$deployment" "$result"
	[ -z "$(git remote)" ] || itsm sync
	exit "$code"
}

case ${1-}:$# in
check:3) check "$2" "$3" ;;
deploy:[012]) ;;
deploy:*) shift; deploy "$@" ;;
esac
echo 'usage: pipeline.sh check BASE HEAD | deploy COMMIT COMMAND ...' >&2
exit 2
