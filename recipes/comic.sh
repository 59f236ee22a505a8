#!/usr/bin/env bash
# How the bundled style `comic` was made, from a folder of photographs alone.
#
#   recipes/comic.sh PHOTOS [WORK]
#
# The first training takes ten minutes on a large GPU, or hours on a CPU; the second, for faces, an hour on two cores; the
# third, on the style's own drawings, ten minutes. The pairs of each take ten minutes or less. In the end the style is told
# to draw only ink that is sure: fine lines, no smudges.
# After an interruption, run it again: it continues where it stopped. Meanwhile, `toonify convert --style comic/run`
# draws with the first training's last checkpoint. A quicker way, with a smaller network, is
# `toonify train --preset pairs` on the same pairs.
# The card of the style names its photographs.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

photos=${1:?usage: recipes/comic.sh PHOTOS [WORK]} work=${2:-comic}
prepare "$work/dataset" "$photos" --source comic --size 224 --count "${PAIRS:-3000}"
train "$work/run" "$work/dataset" --preset comic
prepare "$work/faces/dataset" "$photos" --source comic-faces --source-option wear=0.35 \
  --size 288 --count "${LARGE_PAIRS:-2200}"
train "$work/faces/run" "$work/faces/dataset" --preset "$recipes/comic-faces.toml" --from "$work/run"
mix "$work/faces/run" "$work/faces/run" 1 "$work/faces/style" --option ink_gain=3 --option ink_bias=-1
own=$work/own
prepare_own "$own/dataset" "$work/faces/style" "$photos" --size 288 --count "${OWN_PAIRS:-1900}"
train "$own/run" "$own/dataset" --preset "$recipes/comic-own.toml" --from "$work/faces/style"
mix "$own/run" "$own/run" 1 "$work/style" --option contrast=1.075 --option ink_bias=0.8
show "$work/style" "$photos" "$work"
