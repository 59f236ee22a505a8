#!/usr/bin/env bash
# How the bundled style `drawn` was made, from two folders of photographs alone: portraits and some scenes, and
# places to set the people before. The scenes serve as both.
#
#   recipes/drawn.sh PHOTOS PLACES [WORK]
#
# It takes three hours on two idle cores: half an hour for the pairs, the rest for three trainings. The second looks for
# faces in what it draws; its weights are mixed half and half with the first. So are those of the third, a short one on
# the style's own drawings. (The bundled weights took two hours beside other work. Their second training was half as
# long, for it saw 1,700 pairs.) After an interruption, run it again: it continues where it stopped.
# The card of the style names its photographs.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

usage="usage: recipes/drawn.sh PHOTOS PLACES [WORK]"
photos=${1:?$usage} places=$(realpath "${2:?$usage}") work=${3:-drawn}
prepare "$work/dataset" "$photos" --source portrait --size 224 --count "${PAIRS:-3400}" \
  --source-option chroma=1.4 --source-option "backdrops=$places"
train "$work/run" "$work/dataset" --preset drawn
train "$work/faces-run" "$work/dataset" --preset "$recipes/drawn-faces.toml" --from "$work/run"
mix "$work/faces-run" "$work/run" 0.5 "$work/faces-style"
prepare_own "$work/own/dataset" "$work/faces-style" "$photos" --size 288 --count "${OWN_PAIRS:-1900}"
train "$work/own/run" "$work/own/dataset" --preset "$recipes/drawn-own.toml" --from "$work/faces-style"
mix "$work/own/run" "$work/faces-style" 0.5 "$work/style"
show "$work/style" "$photos" "$work"
