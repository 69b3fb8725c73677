//! RFC 6287 a second time, slowly and from the text: the data input as one string of hexadecimal
//! digits, as the RFC's reference implementation makes it, decimal arithmetic by hand, and another
//! crate's HMAC.

use ring::hmac;

/// The inputs of one response; `question` is the text as typed, both challenges if there are two.
#[derive(Debug)]
pub(crate) struct Reference<'a> {
    pub(crate) suite: &'a str,
    pub(crate) key: &'a [u8],
    pub(crate) question: &'a str,
    pub(crate) counter: Option<u64>,
    pub(crate) pin_hash: Option<&'a [u8]>,
    pub(crate) session: Option<&'a [u8]>,
    pub(crate) time_step: Option<u64>,
}

impl Reference<'_> {
    pub(crate) fn response(&self) -> String {
        let mut data = hex::encode(self.suite) + "00";
        if let Some(counter) = self.counter {
            data += &format!("{counter:016X}");
        }
        let question = match self.suite.split(':').nth(2).unwrap().replace("C-", "").as_bytes()[1] {
            b'N' => decimal_to_hex(self.question),
            b'A' => hex::encode(self.question),
            _ => self.question.to_owned(),
        };
        data += &format!("{question:0<256}");
        data += &hex::encode(self.pin_hash.unwrap_or_default());
        data += &hex::encode(self.session.unwrap_or_default());
        if let Some(time_step) = self.time_step {
            data += &format!("{time_step:016X}");
        }
        let data = hex::decode(data).unwrap();

        let function = self.suite.split(':').nth(1).unwrap();
        let algorithm = if function.contains("SHA1-") {
            hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY
        } else if function.contains("SHA256-") {
            hmac::HMAC_SHA256
        } else {
            hmac::HMAC_SHA512
        };
        let mac = hmac::sign(&hmac::Key::new(algorithm, self.key), &data);
        let mac = mac.as_ref();
        match function.rsplit('-').next().unwrap().parse::<u32>().unwrap() {
            0 => hex::encode(mac),
            digits => {
                let at = usize::from(mac[mac.len() - 1] & 0xf);
                let four = u32::from_be_bytes(mac[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
                let width = digits as usize;
                format!("{:0width$}", u64::from(four) % 10_u64.pow(digits))
            }
        }
    }
}

/// Long division by 16, digit by digit.
fn decimal_to_hex(decimal: &str) -> String {
    let mut digits: Vec<u32> = decimal.chars().map(|one| one.to_digit(10).unwrap()).collect();
    let mut hexadecimal = Vec::new();
    loop {
        let mut remainder = 0;
        for digit in &mut digits {
            let value = remainder * 10 + *digit;
            *digit = value / 16;
            remainder = value % 16;
        }
        hexadecimal.push(char::from_digit(remainder, 16).unwrap());
        if digits.iter().all(|digit| *digit == 0) {
            return hexadecimal.into_iter().rev().collect();
        }
    }
}

#[test]
fn decimal_arithmetic() {
    assert_eq!(decimal_to_hex("00000000"), "0");
    assert_eq!(decimal_to_hex("00000016"), "10");
    assert_eq!(decimal_to_hex("12345678"), format!("{:x}", 12_345_678));
    assert_eq!(decimal_to_hex(&u128::MAX.to_string()), format!("{:x}", u128::MAX));
}
