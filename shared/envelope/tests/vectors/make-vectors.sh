#!/bin/sh
# Makes the vectors of this folder anew: keys and envelopes change, so run it only when a case is
# added, and commit what it writes. The tests only read the files.
#
# Needs openssl (3.0.19 made the stored ones), node 20 with npm, and cargo.
set -eu
cd "$(dirname "$0")"
vectors=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

mkdir -p keys
for bits in 2048 2050 3072 4096; do
    # Test keys: public in every sense, they protect nothing.
    [ -f "keys/rsa$bits.pem" ] || openssl genpkey -quiet -algorithm RSA \
        -pkeyopt "rsa_keygen_bits:$bits" -out "keys/rsa$bits.pem"
done

cp package.json package-lock.json make-vectors.mjs "$scratch"
(cd "$scratch" && npm ci --ignore-scripts)

# 1. The others seal, and say what we shall seal. 2. We seal. 3. The others open what we sealed.
node "$scratch/make-vectors.mjs" seal "$vectors"
cargo test -p envelope --test it -- --ignored --exact known_answers::fill_in
node "$scratch/make-vectors.mjs" open "$vectors"
