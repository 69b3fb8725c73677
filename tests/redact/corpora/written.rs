//! What programs write names and values as, and how it is read again.

/// A way of writing names and values.
pub(crate) struct Writing {
    pub(crate) name: &'static str,
    pub(crate) write: fn(&[(&str, &str)]) -> String,
    /// The values, in order.
    pub(crate) read: fn(&str) -> Vec<String>,
}

fn percent(text: &str) -> String {
    let escaped = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'*' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(escaped).collect()
}

fn unpercent(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let hex = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn snake(name: &str) -> String {
    name.replace(' ', "_")
}

fn json(fields: &[(&str, &str)]) -> String {
    let map: serde_json::Map<_, _> =
        fields.iter().map(|(name, value)| (snake(name), (*value).into())).collect();
    serde_json::Value::Object(map).to_string()
}

fn read_json(text: &str) -> Vec<String> {
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    let names = ["card_number", "cvv", "expiry", "order"];
    names.map(|name| value[name].as_str().unwrap().to_owned()).into()
}

fn query(fields: &[(&str, &str)], escape: fn(&str) -> String) -> String {
    let field = |(name, value): &(&str, &str)| format!("{}={}", snake(name), escape(value));
    fields.iter().map(field).collect::<Vec<_>>().join("&")
}

fn read_query(text: &str, unescape: fn(&str) -> String) -> Vec<String> {
    text.split('&').map(|field| unescape(field.split_once('=').unwrap().1)).collect()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('/', "&#47;").replace(' ', "&nbsp;")
}

fn unhtml(text: &str) -> String {
    text.replace("&nbsp;", " ").replace("&#47;", "/").replace("&quot;", "\"").replace("&amp;", "&")
}

fn nginx(text: &str) -> String {
    text.replace('"', "\\x22").replace(' ', "\\x20")
}

fn unnginx(text: &str) -> String {
    text.replace("\\x20", " ").replace("\\x22", "\"")
}

pub(crate) const WRITINGS: &[Writing] = &[
    Writing { name: "JSON", write: json, read: read_json },
    Writing {
        name: "JSON in JSON",
        write: |fields| serde_json::json!({ "body": json(fields) }).to_string(),
        read: |text| {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            read_json(value["body"].as_str().unwrap())
        },
    },
    Writing {
        name: "JSON with escaped quotation marks",
        write: |fields| json(fields).replace('"', "\\u0022"),
        read: |text| read_json(&text.replace("\\u0022", "\"")),
    },
    Writing {
        name: "a form",
        write: |fields| query(fields, percent),
        read: |text| read_query(text, unpercent),
    },
    Writing {
        name: "a form with plus signs",
        write: |fields| query(fields, |value| percent(value).replace("%20", "+")),
        read: |text| read_query(text, |value| unpercent(&value.replace('+', "%20"))),
    },
    Writing {
        name: "a form in a URL",
        write: |fields| percent(&query(fields, percent)),
        read: |text| read_query(&unpercent(text), unpercent),
    },
    Writing {
        name: "JSON in a URL",
        write: |fields| percent(&json(fields)),
        read: |text| read_json(&unpercent(text)),
    },
    Writing {
        name: "JSON by nginx",
        write: |fields| nginx(&json(fields)),
        read: |text| read_json(&unnginx(text)),
    },
    Writing {
        name: "JSON in HTML",
        write: |fields| html(&json(fields)),
        read: |text| read_json(&unhtml(text)),
    },
    Writing {
        name: "colours",
        write: |fields| {
            let field = |(name, value): &(&str, &str)| {
                format!("\u{1b}[3m{name}\u{1b}[0m\u{1b}[2m=\u{1b}[0m{value}\u{1b}[0m")
            };
            fields.iter().map(field).collect::<Vec<_>>().join(" | ")
        },
        read: |text| {
            let value = |field: &str| {
                field.split('=').next_back().unwrap()["\u{1b}[0m".len()..].replace("\u{1b}[0m", "")
            };
            text.split(" | ").map(value).collect()
        },
    },
];
