//! What the bank keeps besides countersign's records: calls, chats, what an agent was told, what was transferred. One
//! *room* for each visit, in a file of its own.
//!
//! YOURS: your database. Nothing secret is in a room's file: chats are masked before they come here, of sessions there are
//! digests, and of a call in which the agent was given a secret or a code to say, what was said is not written down.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use countersign::time::{Clock as _, SystemClock};
use countersign::{
    AgentId, CallbackId, ChallengeId, CustomerId, InteractionId, PaymentId, StepUpId, Timestamp,
    Transaction,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;

use crate::Fault;
use crate::keys::{random_text, write_whole};
use crate::masked::mask;
use crate::session::{Role, Ticket, same};
use crate::telephony::{Call, Caller, Line};

/// At most so many visits are kept: no more than the store in the temporary folder should hold.
const MOST: usize = 5_000;
/// So many live updates a role may listen to at once: a page listens once, and a few may be reloading.
pub const STREAMS: usize = 8;
/// So many lines of each log are kept.
const LINES: usize = 60;

/// One visit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Room {
    pub id: String,
    began: Timestamp,
    pub customer: CustomerId,
    pub agent: AgentId,
    doors: BTreeMap<Role, String>,
    pub calls: Vec<Call>,
    /// The chat, as the agent may see it.
    pub chat: Vec<ChatLine>,
    /// What was posted to the customer, by the bank and by others.
    pub messages: Vec<Message>,
    /// Callbacks that are due, or will be.
    pub diary: Vec<Due>,
    pub challenges: Vec<ChallengeId>,
    pub transfers: Vec<Transfer>,
    pub payments: Vec<Bill>,
    /// What was transferred.
    pub ledger: Vec<Booked>,
    /// The outbox, as it was worked off.
    pub news: Vec<Value>,
    /// Under which keyed tags the store has records of this customer.
    pub owners: BTreeSet<(u8, [u8; 16])>,
    /// What telephony reported and was told, for the pane behind the scenes.
    #[serde(default)]
    pub reports: Vec<Reported>,
    #[serde(default)]
    pub alarms: Vec<Alarm>,
    /// How often the board of notices was changed: the phone asks for it anew.
    #[serde(default)]
    pub board: u64,
    /// Numbers things of this room.
    pub next: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChatLine {
    pub by: String,
    /// Masked: whatever a customer types, this is all that the bank keeps and shows of it.
    pub text: String,
    pub at: Timestamp,
}

/// A text message or a post, as the phone finds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Message {
    pub number: u64,
    pub channel: String,
    pub handle: String,
    pub text: String,
    pub token: String,
    pub at: Timestamp,
    /// Whether it says what customers are to know, rather than that somebody wants to talk.
    #[serde(default)]
    pub notice: bool,
}

/// A line of what telephony reported.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reported {
    pub at: Timestamp,
    pub text: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Due {
    pub callback: CallbackId,
    pub from: Timestamp,
    /// Whether it is due: the agent was told.
    pub told: bool,
}

/// A transfer that the customer was asked to approve.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Transfer {
    pub id: StepUpId,
    pub call: InteractionId,
    pub transaction: Transaction,
}

/// A payment that the customer was asked for. Its token is kept to ask the vault for the receipt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Bill {
    pub id: PaymentId,
    pub call: InteractionId,
    pub token: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Booked {
    pub step_up: StepUpId,
    pub transaction: Transaction,
    pub at: Timestamp,
    /// Whether the money stays where it is, though everybody else sees it gone.
    #[serde(default)]
    pub held: bool,
}

/// What somebody has to act on at once, and the agent must not learn.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Alarm {
    pub at: Timestamp,
    pub text: String,
}

impl Room {
    /// The call of this id.
    #[must_use]
    pub fn call(&self, id: &InteractionId) -> Option<&Call> {
        self.calls.iter().find(|call| call.id == *id)
    }

    /// Whether an agent is to ring for this callback now. While they do, nobody else is to.
    #[must_use]
    pub fn is_due(&self, id: CallbackId) -> bool {
        let told = self.diary.iter().any(|due| due.callback == id && due.told);
        let ringing = |call: &Call| call.caller == Caller::Bank && call.line != Line::Over;
        told && !self.calls.iter().any(ringing)
    }

    /// Adds a line to a chat: masked here, before anything keeps or shows it, and with it whatever turns out to be a part
    /// of the same card number in the lines before.
    pub fn chats(&mut self, by: &str, typed: &str, at: Timestamp) {
        self.chat.push(ChatLine { by: by.to_owned(), text: typed.to_owned(), at });
        keep_last(&mut self.chat);
        mask(self.chat.iter_mut().map(|line| (line.by.as_str(), &mut line.text)));
    }

    /// A new number within this room.
    pub fn number(&mut self) -> u64 {
        self.next = self.next.saturating_add(1);
        self.next
    }

    /// Notes what telephony reported. What is asked again and again stands there once.
    pub fn reports(&mut self, text: &str) {
        if self.reports.last().is_none_or(|last| last.text != text) {
            self.reports.push(Reported { at: now(), text: text.to_owned() });
            keep_last(&mut self.reports);
        }
    }

    pub fn heard(&mut self, news: Value) {
        self.news.push(news);
        keep_last(&mut self.news);
    }
}

/// Forgets the oldest of a log or list that has grown too long.
pub fn keep_last<T>(lines: &mut Vec<T>) {
    let over = lines.len().saturating_sub(LINES);
    lines.drain(..over);
}

/// A room, with those who wait for changes of it.
pub struct Open {
    file: PathBuf,
    room: Mutex<Room>,
    changed: watch::Sender<u64>,
    /// How many live updates each role listens to.
    streams: Mutex<BTreeMap<Role, usize>>,
}

/// One that a role listens to, until it is dropped.
pub struct Stream {
    room: Arc<Open>,
    role: Role,
    door: String,
    pub changes: watch::Receiver<u64>,
}

impl Stream {
    /// Whether the session that it was opened with is still the role's.
    #[must_use]
    pub fn is_of_the_session(&self) -> bool {
        self.room.read(|room| room.doors.get(&self.role) == Some(&self.door))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let mut all = self.room.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.role) {
            *count = count.saturating_sub(1);
        }
    }
}

impl Open {
    fn new(file: PathBuf, room: Room) -> Arc<Self> {
        Arc::new(Self {
            file,
            room: Mutex::new(room),
            changed: watch::Sender::new(0),
            streams: Mutex::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn read<T>(&self, how: impl FnOnce(&Room) -> T) -> T {
        how(&self.lock())
    }

    /// Changes the room, writes it down, and tells the panes.
    pub fn change<T>(&self, how: impl FnOnce(&mut Room) -> T) -> Result<T, Fault> {
        let changed = {
            let mut room = self.lock();
            let given = how(&mut room);
            save(&self.file, &room)?;
            given
        };
        self.tell();
        Ok(changed)
    }

    /// Tells the panes that something changed.
    pub fn tell(&self) {
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Live updates for the session with this door; `None` if its role listens to too many already.
    pub fn listen(self: &Arc<Self>, role: Role, door: &str) -> Option<Stream> {
        let mut all = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(role).or_default();
        if *count >= STREAMS {
            return None;
        }
        *count = count.saturating_add(1);
        let changes = self.changed.subscribe();
        Some(Stream { room: self.clone(), role, door: door.to_owned(), changes })
    }
}

/// What was said in a call is left out where the agent was given something to say in it.
fn save(file: &Path, room: &Room) -> Result<(), Fault> {
    let mut written = room.clone();
    for call in written.calls.iter_mut().filter(|call| call.confidential) {
        call.said.clear();
    }
    write_whole(file, &serde_json::to_vec(&written)?)
}

/// All visits.
pub struct Rooms {
    folder: PathBuf,
    open: Mutex<HashMap<String, Arc<Open>>>,
}

impl Rooms {
    /// Those in `folder`.
    pub fn open(folder: PathBuf) -> Result<Self, Fault> {
        crate::keys::private_folder(&folder)?;
        let mut open = HashMap::new();
        for entry in fs::read_dir(&folder)? {
            let file = entry?.path();
            if file.extension().is_some_and(|is| is == "json") {
                let room: Room = serde_json::from_slice(&fs::read(&file)?)?;
                open.insert(room.id.clone(), Open::new(file, room));
            }
        }
        Ok(Self { folder, open: Mutex::new(open) })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Open>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn all(&self) -> Vec<Arc<Open>> {
        self.lock().values().cloned().collect()
    }

    /// A new room, and the ticket of its visit.
    pub fn begin(&self) -> Result<(Arc<Open>, Ticket), Fault> {
        let id: String = random_text::<9>()?.replace(['-', '_'], "x").to_lowercase();
        let room = Room {
            customer: CustomerId::new(format!("alice-{id}"))?,
            agent: AgentId::new(format!("bob-{id}"))?,
            id: id.clone(),
            began: now(),
            doors: BTreeMap::new(),
            calls: Vec::new(),
            chat: Vec::new(),
            messages: Vec::new(),
            diary: Vec::new(),
            challenges: Vec::new(),
            transfers: Vec::new(),
            payments: Vec::new(),
            ledger: Vec::new(),
            news: Vec::new(),
            reports: Vec::new(),
            alarms: Vec::new(),
            board: 0,
            owners: BTreeSet::new(),
            next: 0,
        };
        let opened = Open::new(self.folder.join(format!("{id}.json")), room);
        {
            let mut open = self.lock();
            if open.len() >= MOST || open.contains_key(&id) {
                return Err("there are too many visits".into());
            }
            open.insert(id, opened.clone());
        }
        let ticket = self.sign_in(&opened, Role::Visit)?;
        Ok((opened, ticket))
    }

    /// Forgets the visits that began before `then`: nobody has a session of them any more.
    pub fn forget(&self, then: Timestamp) {
        self.lock().retain(|_, open| {
            let keep = open.read(|room| room.began >= then);
            if !keep {
                let _ = fs::remove_file(&open.file);
            }
            keep
        });
    }

    /// A new session of one role. It ends the one before.
    pub fn sign_in(&self, open: &Open, role: Role) -> Result<Ticket, Fault> {
        let secret = random_text::<32>()?;
        open.change(|room| {
            let ticket = Ticket { room: room.id.clone(), secret };
            room.doors.insert(role, ticket.door(role));
            ticket
        })
    }

    /// The room whose door for `role` this ticket opens.
    pub fn admit(&self, ticket: &Ticket, role: Role) -> Option<Arc<Open>> {
        let open = self.lock().get(&ticket.room).cloned()?;
        let door = open.read(|room| room.doors.get(&role).cloned())?;
        same(&door, &ticket.door(role)).then_some(open)
    }

    /// The room of a customer.
    pub fn of(&self, customer: &CustomerId) -> Option<Arc<Open>> {
        self.lock().get(customer.as_str().strip_prefix("alice-")?).cloned()
    }

    /// The room of this id.
    pub fn named(&self, id: &str) -> Option<Arc<Open>> {
        self.lock().get(id).cloned()
    }
}

/// The time, for what the bank notes itself.
pub fn now() -> Timestamp {
    SystemClock.now().unwrap_or(Timestamp::EPOCH)
}
