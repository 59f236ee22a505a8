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
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

usage="usage: recipes/storybook.sh PHOTOS DRAWINGS [WORK] [OPTION...]"
photos=${1:?$usage} drawings=${2:?$usage} work=${3:-storybook}
shift $(($# < 3 ? $# : 3))

# learn NAME PRESET FROM SHARE [OPTION...]: what it learns from $work/NAME-dataset, and SHARE of that mixed with FROM
learn() {
  train "$work/$1-run" "$work/$1-dataset" --preset "$recipes/$2.toml" --from "$3" "${@:5}"
  mix "$work/$1-run" "$3" "$4" "$work/$1" \
    --option saturation=1.3 --option contrast=1.05 --option smooth=true --option calm=0.05
}

prepare "$work/first-dataset" "$photos" "$drawings" --source comic --size 224 --count "${PAIRS:-2200}"
learn first storybook comic 0.7 "$@"
prepare "$work/style-dataset" "$photos" "$drawings" --source comic --size 320 --count "${LARGE_PAIRS:-520}" \
  --source-option wear=0 --source-option tint=0
learn style storybook-distribution "$work/first" 0.35 "$@"
show "$work/style" "$photos" "$work"
