#!/usr/bin/env bash
# How the bundled style `storybook` was made, from a folder of photographs and one of an artist's drawings.
#
#   recipes/storybook.sh PHOTOS DRAWINGS [WORK] [OPTION...]     the options are those of `toonify train`
#
# Training starts from the style `comic`, and an adversary teaches it the hand of the drawings. That takes four minutes
# on a large GPU, or hours on a CPU. The weights are then mixed with three tenths of `comic`, which calms the brush, and
# the colours made as vivid as the artist's. After an interruption, run it again: it continues where it stopped. The style's
# card names its photographs and drawings.
set -euo pipefail

usage="usage: recipes/storybook.sh PHOTOS DRAWINGS [WORK] [OPTION...]"
photos=${1:?$usage} drawings=${2:?$usage} work=${3:-storybook}
shift $(($# < 3 ? $# : 3))

mkdir -p "$work"
if [ ! -d "$work/dataset" ]; then
  toonify prepare "$photos" "$drawings" -o "$work/dataset" --source comic --size 224 --count "${PAIRS:-2200}"
fi
if [ -d "$work/run" ]; then
  toonify train --resume "$work/run"
else
  preset=$(dirname "${BASH_SOURCE[0]}")/storybook.toml
  toonify train "$work/dataset" --preset "$preset" -o "$work/run" --from comic "$@"
fi
if [ ! -d "$work/style" ]; then
  "${PYTHON:-python3}" "$(dirname "${BASH_SOURCE[0]}")/mix.py" "$work/run" comic 0.7 "$work/style" --option saturation=1.3
fi
toonify convert "$photos" "$work/cartoons" --style "$work/style" --compare --overwrite
echo "The style is $work/style; look at the pictures in $work/cartoons."
