#!/usr/bin/env bash
# How the bundled style `drawn` was made, from a folder of photographs alone: mostly portraits, some scenes.
#
#   recipes/drawn.sh PHOTOS [WORK]
#
# An hour and a quarter on two idle cores: a quarter for the pairs, the rest for the training (the bundled
# weights are those after 24 of the 30 epochs). Run it again after an interruption, and it goes on where it was.
# The card of the style names its photographs.
set -euo pipefail

photos=${1:?usage: recipes/drawn.sh PHOTOS [WORK]}
work=${2:-drawn}
pairs=${PAIRS:-2600}
mkdir -p "$work"

if [ ! -d "$work/dataset" ]; then
  toonify prepare "$photos" -o "$work/dataset" --source portrait --size 224 --count "$pairs"
fi
if [ -d "$work/run" ]; then
  toonify train --resume "$work/run"
else
  toonify train "$work/dataset" --preset drawn -o "$work/run"
fi
toonify convert "$photos" "$work/cartoons" --style "$work/run" --compare
echo "The style is $work/run/style; look at the pictures in $work/cartoons."
