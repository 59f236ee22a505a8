#!/usr/bin/env bash
# How the bundled style `storybook` was made, from a folder of photographs and one of an artist's drawings.
#
#   recipes/storybook.sh PHOTOS DRAWINGS [WORK] [OPTION...]     the options are those of `toonify train`, for the hand
#
# It begins with the style `comic`. First an adversary teaches it the drawings' hand, and faces take their palette, too:
# four minutes on a large GPU, many hours without one. Then skin gets its own colour back, in minutes anywhere. Run it
# again after an interruption, and it goes on where it was. The card of the style names its photographs and drawings.
set -euo pipefail

usage="usage: recipes/storybook.sh PHOTOS DRAWINGS [WORK] [OPTION...]"
photos=${1:?$usage} drawings=${2:?$usage} work=${3:-storybook}
shift $(($# < 3 ? $# : 3))
presets=$(dirname "${BASH_SOURCE[0]}")/storybook

train() {  # RUN OPTION...
  if [ -d "$work/$1" ]; then
    toonify train --resume "$work/$1"
  else
    toonify train "$work/dataset" --preset "$presets/$1.toml" -o "$work/$1" "${@:2}"
  fi
}

mkdir -p "$work"
if [ ! -d "$work/dataset" ]; then
  toonify prepare "$photos" "$drawings" -o "$work/dataset" --source comic --size 224 --count "${PAIRS:-3000}"
fi
train hand --from comic "$@"
train skin --from "$work/hand"
toonify convert "$photos" "$work/cartoons" --style "$work/skin" --compare --overwrite
echo "The style is $work/skin/style; look at the pictures in $work/cartoons."
