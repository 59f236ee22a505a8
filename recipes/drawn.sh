#!/usr/bin/env bash
# How the bundled style `drawn` was made, from two folders of photographs alone: portraits and some scenes, and
# places to set the people before. The scenes serve as both.
#
#   recipes/drawn.sh PHOTOS PLACES [WORK]
#
# It takes three hours on two idle cores: half an hour for the pairs, the rest for two trainings. The second looks for
# faces in what it draws; half and half with the first, its weights are the style. (The bundled weights took an hour and
# a half beside other work. Their second training was half as long, for it saw 1,700 pairs.) After an interruption, run
# it again: it continues where it stopped. Until the end, what it calls the style is that of the first training.
# The card of the style names its photographs.
set -euo pipefail
recipes=$(dirname "${BASH_SOURCE[0]}")
source "$recipes/paired.sh"

usage="usage: recipes/drawn.sh PHOTOS PLACES [WORK]"
photos=${1:?$usage} places=${2:?$usage} work=${3:-drawn}
make_style "$photos" "$work" drawn --source portrait --size 224 --count "${PAIRS:-3400}" \
  --source-option chroma=1.4 --source-option "backdrops=$(realpath "$places")"

if [ -d "$work/faces-run" ]; then
  toonify train --resume "$work/faces-run"
else
  toonify train "$work/dataset" --preset "$recipes/drawn-faces.toml" -o "$work/faces-run" --from "$work/run"
fi
if [ ! -f "$work/style/style.json" ]; then  # which is written last
  rm -rf "${work:?}/style"
  "${PYTHON:-python3}" "$recipes/mix.py" "$work/faces-run" "$work/run" 0.5 "$work/style"
fi
toonify convert "$photos" "$work/cartoons" --style "$work/style" --compare --overwrite
echo "The style is $work/style; look at the pictures in $work/cartoons."
