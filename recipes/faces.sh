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
preset=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/faces.toml
shift $(($# < 2 ? $# : 2))

train() {  # RUN OPTION...
  local run=$work/$1
  shift
  if [ -d "$run" ]; then
    toonify train --resume "$run"
  else
    toonify train "$work/dataset" --preset "$preset" -o "$run" "$@"
  fi
}

if [ ! -d "$work/dataset" ]; then
  mkdir -p "$work/photos" "$work/others"
  number=0
  for portrait in "$portraits"/*.*; do
    if ((number++ % 2)); then side=photos; else side=others; fi
    ln -sf "$portrait" "$work/$side/"
  done
  toonify convert "$work/others" "$work/drawings" --style drawn --set colour=1.2 --set line=2 --overwrite
  toonify prepare "$work/photos" "$work/drawings" -o "$work/dataset" \
    --crop face --size 160 --reject faceless,flat --val-fraction 0.1
fi
train start --epochs 0 "$@"
train run --from "$work/start" --init-epochs 0 "$@"
train skin --from "$work/run" --init-epochs 0 --epochs 6 --weight skin_colour=20 "$@"
toonify convert "$work/photos" "$work/cartoons" --style "$work/skin" --compare --overwrite
echo "The style is $work/skin/style; look at the pictures in $work/cartoons."
