"""Compares the `qr` example with pyotp: what is read from the QR codes must be a URI that pyotp reads,
with the same codes.

    target/debug/examples/qr --check | python3 .ci/interop-qr.py
"""

import sys

import pyotp

compared = 0
for line in sys.stdin:
    uri, time, code = line.split()
    totp = pyotp.parse_uri(uri)
    if totp.issuer != "bank.example" or totp.name != "customer-1847":
        sys.exit("pyotp reads another issuer or account")
    if totp.at(int(time)) != code:
        sys.exit(f"line {compared + 1}: pyotp has another code")
    compared += 1
if compared != 36:
    sys.exit(f"expected 36 codes, read {compared}")
print(f"interop-qr: {compared} codes agree with pyotp")
