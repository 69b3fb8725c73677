//! A contact centre to look at: the customer's phone, the agent's desktop and what is kept of both, in one page.
//!
//! Everything that countersign does, it does here as it would in your service. What is your own in an integration (who
//! is signed in, which call this is, where keys come from) is simulated, and a comment that begins with "YOURS" says so.
//!
//! | part | files |
//! | --- | --- |
//! | the bank's service: setting up, HTTP, sessions | `service`, `bank`, `keys`, `guard`, `session`, `limits`, `answer` |
//! | who may call what: one file for each role | `visit`, `phone` (with `ringing`, `reachable`, `passkey`, `histories`), `desktop`, `behind` (with `notices`), `impostor` |
//! | what a bank has besides: telephony, a database of its own, a worker | `telephony`, `feed`, `rooms`, `masked`, `worker` |
//! | the vault, a process of its own | `vault` |
//! | the page, as it is sent to the browser | `assets`, `../pages` |
//! | all stories, played by a script | `script` |

pub mod answer;
pub mod assets;
pub mod bank;
pub mod behind;
pub mod desktop;
pub mod desktop_view;
pub mod feed;
pub mod guard;
pub mod histories;
pub mod http;
pub mod impostor;
pub mod keys;
pub mod limits;
pub mod live;
pub mod masked;
pub mod notices;
pub mod passkey;
pub mod phone;
pub mod phone_view;
pub mod reachable;
pub mod ringing;
pub mod rooms;
pub mod script;
pub mod service;
pub mod session;
pub mod telephony;
pub mod vault;
pub mod visit;
pub mod watched;
pub mod worker;

/// Whatever went wrong while the service was started or a script was played.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;
