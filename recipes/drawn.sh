#!/usr/bin/env bash
# How the bundled style `drawn` was made, from two folders of photographs alone: portraits and some scenes, and
# places to set the people before. The scenes serve as both.
#
#   recipes/drawn.sh PHOTOS PLACES [WORK]
#
# It takes two hours on two idle cores: half an hour for the pairs, the rest for the training. (Training the bundled
# weights took an hour and ten minutes beside other work.) After an interruption, run it again: it continues where it
# stopped.
# The card of the style names its photographs.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/paired.sh"

usage="usage: recipes/drawn.sh PHOTOS PLACES [WORK]"
make_style "${1:?$usage}" "${3:-drawn}" drawn --source portrait --size 224 --count "${PAIRS:-3400}" \
  --source-option chroma=1.4 --source-option "backdrops=$(realpath "${2:?$usage}")"
