#!/bin/sh
# Recreates the test certificates: an authority, and certificates that it issues for one key.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$(mktemp -d)"
touch index.txt
cat >ca.cnf <<'CONFIG'
[ca]
default_ca = tests
[tests]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
CONFIG
new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }
new_key authority-key.pem
new_key "$here/key.pem"
openssl req -x509 -new -key authority-key.pem -subj "/CN=authority of the tests" -days 36500 \
  -addext keyUsage=critical,keyCertSign,cRLSign -out "$here/authority.pem"
certificate() { # file, alternative name, from, until
  openssl req -new -key "$here/key.pem" -subj "/CN=${2#*:}" -addext "subjectAltName=$2" -out request.pem
  openssl ca -batch -notext -config ca.cnf -in request.pem -cert "$here/authority.pem" -keyfile authority-key.pem \
    -startdate "$3" -enddate "$4" -out "$here/$1.pem"
}
certificate valid IP:127.0.0.1 20260101000000Z 21250101000000Z
certificate expired IP:127.0.0.1 20200101000000Z 20210101000000Z
certificate future IP:127.0.0.1 21000101000000Z 21250101000000Z
certificate other-name DNS:registry.example.com 20260101000000Z 21250101000000Z
