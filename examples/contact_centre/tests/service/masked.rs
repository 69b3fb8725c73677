//! What a customer types and says in parts is masked where the parts make a card number, in what is shown and in what is
//! kept.

use contact_centre::rooms::{Rooms, now};
use contact_centre::telephony::Caller;

use crate::Folder;

/// How a number may be parted: in the middle, in fours, with the expiry behind, with the other's word between.
const PARTED: [&[(&str, &str)]; 4] = [
    &[("customer", "4000 0566"), ("customer", "5566 5556")],
    &[("customer", "4000"), ("customer", "0566"), ("customer", "5566"), ("customer", "5556")],
    &[("customer", "my card is 40000566"), ("customer", "55665556 exp 12/34 cvc 123")],
    &[("customer", "it's 4000 0566"), ("agent", "4000 0566, yes"), ("customer", "5566 5556")],
];

fn digits(texts: impl Iterator<Item = String>) -> String {
    let all: String = texts.collect();
    all.chars().filter(char::is_ascii_digit).collect()
}

#[test]
fn a_card_in_parts_is_masked_in_chat_and_call_and_in_what_is_kept() {
    let folder = Folder::new();
    std::fs::create_dir_all(&folder.0).unwrap();
    let rooms = Rooms::open(folder.0.join("rooms")).unwrap();
    for (n, parts) in PARTED.iter().enumerate() {
        let (room, _) = rooms.begin().unwrap();
        let drawn = room.change(|room| room.draw_call(Caller::Customer, None)).unwrap();
        let (call, _) = drawn.unwrap();
        let id = call.id.clone();
        room.change(|room| room.ring(call)).unwrap();
        let call = id;
        for (by, text) in *parts {
            room.change(|room| room.chats(by, text, now())).unwrap();
            let by = if *by == "customer" { "caller" } else { "called" };
            room.change(|room| room.says(&call, by, text)).unwrap().unwrap();
        }
        room.read(|room| {
            let chat = digits(room.chat.iter().map(|line| line.text.clone()));
            let said = room.call(&call).unwrap().said.iter().map(|said| said.text.clone());
            for left in [chat, digits(said)] {
                assert!(!left.contains("4000") && !left.contains("5556"), "{n}: {left}");
            }
        });
        let kept = room.read(|room| room.id.clone());
        let kept = std::fs::read_to_string(folder.0.join(format!("rooms/{kept}.json"))).unwrap();
        assert!(!kept.contains("5556") && !kept.contains("0566"), "{n}: {kept}");
        // What is no card stays.
        room.change(|room| room.chats("customer", "order 4711, twice", now())).unwrap();
        let last = room.read(|room| room.chat.last().unwrap().text.clone());
        assert_eq!(last, "order 4711, twice");
    }
}
