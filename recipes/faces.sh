#!/usr/bin/env bash
# Faces trained against drawn faces that are not theirs, as docs/walkthrough.md tells it, from one folder of portraits.
#
#   recipes/faces.sh PORTRAITS [WORK] [OPTION...]     the options are those of `toonify train`
#
# Half of the portraits are the photographs; the bundled style `drawn` draws the other half. If the processor has AMX,
# give `--precision mixed_bfloat16`. Without a network connection, give `--backbone-weights FILE`. After an interruption,
# run it again: it continues where it stopped.
set -euo pipefail

portraits=$(realpath "${1:?usage: recipes/faces.sh PORTRAITS [WORK] [OPTION...]}") work=${2:-faces}
shift $(($# < 2 ? $# : 2))
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

if [ ! -d "$work/dataset" ]; then
  mkdir -p "$work/photos" "$work/others"
  number=0
  for portrait in "$portraits"/*.*; do
    if ((number++ % 2)); then side=photos; else side=others; fi
    ln -sf "$portrait" "$work/$side/"
  done
  toonify convert "$work/others" "$work/drawings" --style drawn --set colour=1.2 --set line=2 --overwrite
fi
prepare "$work/dataset" "$work/photos" "$work/drawings" --crop face --size 160 --reject faceless,flat --val-fraction 0.1
training=("$work/dataset" --preset "$recipes/faces.toml")
train "$work/start" "${training[@]}" --epochs 0 "$@"
train "$work/run" "${training[@]}" --from "$work/start" --init-epochs 0 "$@"
train "$work/skin" "${training[@]}" --from "$work/run" --init-epochs 0 --epochs 6 --weight skin_colour=20 "$@"
show "$work/skin/style" "$work/photos" "$work"
