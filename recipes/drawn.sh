#!/usr/bin/env bash
# How the bundled style `drawn` was made, from a folder of photographs alone: mostly portraits, some scenes.
#
#   recipes/drawn.sh PHOTOS [WORK]
#
# An hour and a quarter on two idle cores: a quarter for the pairs, the rest for the training (the bundled
# weights are those after 24 of the 30 epochs). Run it again after an interruption, and it goes on where it was.
# The card of the style names its photographs.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/paired.sh"

make_style "${1:?usage: recipes/drawn.sh PHOTOS [WORK]}" "${2:-drawn}" drawn --source portrait --size 224 --count "${PAIRS:-2600}"
