"""Compares the `qr` example with pyotp: what is read from the QR codes must be a URI that pyotp reads,
with the same codes.

    target/debug/examples/qr --check | python3 .ci/interop-qr.py
"""

import sys

import pyotp

compared = {pyotp.TOTP: 0, pyotp.HOTP: 0}
for number, line in enumerate(sys.stdin, 1):
    uri, time_or_count, code = line.split()
    otp = pyotp.parse_uri(uri)
    if otp.issuer != "bank.example" or otp.name != "customer-1847":
        sys.exit("pyotp reads another issuer or account")
    if isinstance(otp, pyotp.HOTP) and otp.initial_count != 0:
        sys.exit("pyotp begins to count elsewhere")
    if otp.at(int(time_or_count)) != code:
        sys.exit(f"line {number}: pyotp has another code")
    compared[type(otp)] += 1
if list(compared.values()) != [36, 36]:
    sys.exit(f"expected 36 codes of each kind, read {compared}")
print("interop-qr: 36 TOTP and 36 HOTP codes agree with pyotp")
