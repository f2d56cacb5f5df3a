#!/bin/sh
# Chromium and a Chinese font for the browser tests, from Debian's packages when they are missing.
if command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi cjk; then exit 0; fi
if [ "$(id -u)" != 0 ]; then
  echo "Chromium or a Chinese font is missing and this user may not install packages." >&2
  echo "Ask an administrator for: apt-get install chromium fonts-noto-cjk" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fontconfig >/dev/null
