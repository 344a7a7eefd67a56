#!/bin/sh
# Sign a file of events with `oreline sign`, post them with curl, print the answer.
#
#     post_with_curl.sh URL KEY.jwk EVENTS.json
#
# The answer is JSON: receipts, or a problem that lists every refusal. Exit code 22: refused.
# To post the same again is always safe, so curl may retry whatever may pass.
set -eu
: "${3:?usage: post_with_curl.sh URL KEY.jwk EVENTS.json}"
url=${1%/} key=$2 events=$3

statements=$(mktemp)
trap 'rm -f "$statements"' EXIT
oreline sign "$events" --key "$key" --json > "$statements" # a JSON array, as the server takes it

curl --silent --show-error --fail-with-body --write-out '\n' --max-time 60 --retry 5 --retry-connrefused \
    --header 'Content-Type: application/json' --data-binary "@$statements" "$url/events"
