#!/usr/bin/env bash
# How the bundled style `comic` was made, from a folder of photographs alone.
#
#   recipes/comic.sh PHOTOS [WORK]
#
# Half an hour on two idle cores: seven minutes for the pairs, the rest for the training. Run it again
# after an interruption, and it goes on where it was. The card of the style names its photographs.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/paired.sh"

make_style "${1:?usage: recipes/comic.sh PHOTOS [WORK]}" "${2:-comic}" comic --source comic --count "${PAIRS:-3000}"
