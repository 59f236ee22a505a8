#!/usr/bin/env bash
# How the bundled style `comic` was made, from a folder of photographs alone.
#
#   recipes/comic.sh PHOTOS [WORK]
#
# Ten minutes for the pairs on two cores; the training takes ten more on a large GPU and hours without one. Run it
# again after an interruption, and it goes on where it was; `toonify convert --style comic/run` takes the last
# checkpoint meanwhile. `toonify train --preset pairs` on the same pairs is the quick way, with a lighter network.
# The card of the style names its photographs.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/paired.sh"

make_style "${1:?usage: recipes/comic.sh PHOTOS [WORK]}" "${2:-comic}" comic --source comic --size 224 --count "${PAIRS:-3000}"
