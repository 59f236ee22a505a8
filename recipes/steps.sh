# The steps that recipes consist of, to be sourced by them. What is finished stays; what was interrupted goes on.
#
#   prepare DATASET FOLDER... OPTION...         as `toonify prepare`
#   train RUN DATASET OPTION...                 as `toonify train`
#   prepare_own DATASET STYLE PHOTOS OPTION...  of a style's own drawings in layers, which lie beside DATASET
#   mix STYLE OTHER SHARE OUTPUT OPTION...      as mix.py
#   show STYLE PHOTOS WORK                      cartoons to look at

recipes=$(dirname "${BASH_SOURCE[0]}")

prepare() {
  if [ ! -d "$1" ]; then
    mkdir -p "$(dirname "$1")"
    toonify prepare "${@:2}" -o "$1"
  fi
}

prepare_own() {
  local pairs=${1%/*}/pairs
  if [ ! -d "$1" ]; then
    rm -rf "${pairs:?}"
    mkdir -p "$(dirname "$1")"
    "${PYTHON:-python3}" "$recipes/layers.py" "$2" "$3" "$pairs"
  fi
  prepare "$1" "$pairs/photos" --source paired --source-option "drawings=$pairs/colours" \
    --source-option "lines=$pairs/lines" "${@:4}"
}

train() {
  if [ -d "$1" ]; then
    toonify train --resume "$1"
  else
    toonify train "${@:2}" -o "$1"
  fi
}

mix() {
  if [ ! -f "$4/style.json" ]; then  # which is written last
    rm -rf "${4:?}"
    "${PYTHON:-python3}" "$recipes/mix.py" "$@"
  fi
}

show() {
  toonify convert "$2" "$3/cartoons" --style "$1" --compare --overwrite
  echo "The style is $1; look at the pictures in $3/cartoons."
}
