#!/usr/bin/env bash
# How the bundled style `comic` was made, from a folder of photographs alone.
#
#   recipes/comic.sh PHOTOS [WORK]
#
# The pairs take ten minutes on two cores. The training takes another ten on a large GPU, or hours on a CPU.
# After an interruption, run it again: it continues where it stopped. Meanwhile, `toonify convert --style comic/run`
# draws with the last checkpoint. A quicker way, with a smaller network, is `toonify train --preset pairs` on the same
# pairs.
# The card of the style names its photographs.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/paired.sh"

make_style "${1:?usage: recipes/comic.sh PHOTOS [WORK]}" "${2:-comic}" comic --source comic --size 224 --count "${PAIRS:-3000}"
