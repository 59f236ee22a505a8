#!/usr/bin/env bash
# How the bundled style `comic` was made, from a folder of photographs alone.
#
#   recipes/comic.sh PHOTOS [WORK]
#
# Half an hour on two idle cores: seven minutes for the pairs, the rest for the training. Run it again
# after an interruption, and it goes on where it was. The card of the style names its photographs.
set -euo pipefail

photos=${1:?usage: recipes/comic.sh PHOTOS [WORK]}
work=${2:-comic}
pairs=${PAIRS:-3000}
mkdir -p "$work"

if [ ! -d "$work/dataset" ]; then
  toonify prepare "$photos" -o "$work/dataset" --source comic --count "$pairs"
fi
if [ -d "$work/run" ]; then
  toonify train --resume "$work/run"
else
  toonify train "$work/dataset" --preset comic -o "$work/run"
fi
toonify convert "$photos" "$work/cartoons" --style "$work/run" --compare
echo "The style is $work/run/style; look at the pictures in $work/cartoons."
