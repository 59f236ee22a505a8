#!/usr/bin/env bash
# How the bundled style `lines` was made: the ink of the style `comic`, black on white. Nothing is trained.
#
#   recipes/lines.sh [STYLE] [FOLDER]
#
# Seconds. Any style that inks will do, one of yours as well; only the name on the card is this recipe's.
set -euo pipefail

style=${1:-comic} folder=${2:-lines}
toonify export "$style" --to lines --output "$folder"
for card in "$folder"/*-lines/style.json; do
  sed -i.old 's/^  "name": .*/  "name": "lines",/' "$card"
  rm "$card.old"
done
