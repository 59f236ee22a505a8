#!/usr/bin/env bash
# How the bundled style `storybook` was made, from a folder of photographs and one of an artist's drawings.
#
#   recipes/storybook.sh PHOTOS DRAWINGS [WORK] [OPTION...]     the options are those of `toonify train`
#
# A first training starts from the style `comic`, and an adversary teaches it the hand of the drawings; a second one, in
# larger pictures, brings all drawings together nearer to the artist's. Either takes four to seven minutes on a large GPU,
# or hours on a CPU. After each, the weights are mixed with those that it began with, which calms the brush. After an
# interruption, run it again: it continues where it stopped. The style's card names its photographs and drawings.
set -euo pipefail

usage="usage: recipes/storybook.sh PHOTOS DRAWINGS [WORK] [OPTION...]"
photos=${1:?$usage} drawings=${2:?$usage} work=${3:-storybook}
shift $(($# < 3 ? $# : 3))
recipes=$(dirname "${BASH_SOURCE[0]}")
mkdir -p "$work"

# train NAME PRESET FROM SHARE [OPTION...]: what it learns from $work/NAME-dataset, and SHARE of that mixed with FROM
train() {
  local name=$1 preset=$2 from=$3 share=$4
  shift 4
  if [ -d "$work/$name-run" ]; then
    toonify train --resume "$work/$name-run"
  else
    toonify train "$work/$name-dataset" --preset "$recipes/$preset.toml" -o "$work/$name-run" --from "$from" "$@"
  fi
  if [ ! -f "$work/$name/style.json" ]; then  # which is written last
    rm -rf "${work:?}/$name"
    "${PYTHON:-python3}" "$recipes/mix.py" "$work/$name-run" "$from" "$share" "$work/$name" \
      --option saturation=1.3 --option contrast=1.05 --option smooth=true --option calm=0.05
  fi
}

prepare() {
  if [ ! -d "$work/$1" ]; then
    toonify prepare "$photos" "$drawings" -o "$work/$1" --source comic "${@:2}"
  fi
}

prepare first-dataset --size 224 --count "${PAIRS:-2200}"
train first storybook comic 0.7 "$@"
prepare style-dataset --size 320 --count "${LARGE_PAIRS:-520}" --source-option wear=0 --source-option tint=0
train style storybook-distribution "$work/first" 0.35 "$@"

toonify convert "$photos" "$work/cartoons" --style "$work/style" --compare --overwrite
echo "The style is $work/style; look at the pictures in $work/cartoons."
