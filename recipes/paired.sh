# What the recipes of paired styles have in common, to be sourced by them: pairs, training, cartoons to look at.
#
#   make_style PHOTOS WORK PRESET OPTION...             the options are those of `toonify prepare`
#   from=RUN make_style PHOTOS WORK PRESET OPTION...    goes on from the weights of a run

make_style() {
  local photos=$1 work=$2 preset=$3
  shift 3
  mkdir -p "$work"
  if [ ! -d "$work/dataset" ]; then
    toonify prepare "$photos" -o "$work/dataset" "$@"
  fi
  if [ -d "$work/run" ]; then
    toonify train --resume "$work/run"
  else
    toonify train "$work/dataset" --preset "$preset" -o "$work/run" ${from:+--from "$from"}
  fi
  toonify convert "$photos" "$work/cartoons" --style "$work/run" --compare
  echo "The style is $work/run/style; look at the pictures in $work/cartoons."
}
