// SPDX-License-Identifier: EUPL-1.2
//! What can happen, and what is to be done about it.

use std::sync::Arc;
use std::time::Duration;

use api::applications;
use api::call;
use api::call::papers::{self, PrintAnswer, ScanAnswer};
use api::clerk::{self, Task as ClerkTask};
use api::inventory::Device;
use api::network::Link;
use api::print;
use api::scan;
use api::secret::Secret;
use api::session::{self, Kind, Outcome};
use api::trust::{Status, Task};
use site::{Language, Site, TimeOfDay, Weekday};
use tiny_skia::Pixmap;

use crate::catalogue::Catalogue;
use crate::keyboard::Layout;
use crate::state::Outage;
use crate::state::application::Purpose;
use crate::state::clerk::Battery;
use crate::state::papers::{Drawn, Wish};
use crate::state::scan::Purpose as Scanned;

/// What a person can do by touching something or pressing a key. Unique within a screen, so it also names the thing
/// that was touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Begin a visit.
    Begin,
    /// Talk to somebody.
    Talk,
    /// Read something.
    Inform,
    /// Hand something in or collect it.
    Deliver,
    /// Call somebody at the department.
    Call,
    /// End the call.
    HangUp,
    /// Send no sound, or some again.
    Mute,
    /// Pause the conversation, or go on with it.
    Pause,
    /// Write in it, or put the keys away.
    Write,
    /// Have printed or scanned what the other side has asked to; or the page that was scanned is good.
    Agree,
    /// Have it not, or not any more.
    Decline,
    /// What became of it was read.
    Understood,
    /// Get help at the place itself.
    Help,
    /// Read what is out of order.
    Outage(Outage),
    /// Show the authority with this number.
    Authority(usize),
    /// Show this page of what is here.
    Page(usize),
    /// Open the department with this number.
    Department(usize),
    /// Read about the service with this number.
    Service(usize),
    /// See when a department is open, and what to bring.
    Hours,
    /// Get the form of a service.
    Form,
    /// Come to printing what is read.
    Print,
    /// Print it.
    PrintNow,
    /// Print it no more.
    StopPrinting,
    /// Come to scanning papers.
    Scan(Scanned),
    /// Scan the page that lies there.
    ScanNow,
    /// Scan the last page anew.
    ScanAgain,
    /// Scan it no more.
    StopScanning,
    /// Turn the last page by a quarter.
    TurnPage,
    /// These are all pages.
    FinishScan,
    /// Look for a service by words.
    Search,
    /// Type a character into the field.
    Type(char),
    /// The next letter is a capital, or not.
    Shift,
    /// Digits and signs, or letters.
    Signs,
    /// This part of the keys.
    MoreKeys(usize),
    /// Keys of this layout.
    Keys(Layout),
    /// Put the keys away.
    HideKeys,
    /// Show the keys.
    ShowKeys,
    /// Go on with the application that was left running.
    Resume,
    /// Start the released application with this number.
    Application(usize),
    /// Start the one that fell again.
    StartAgain,
    /// Stop the one that was started.
    StopApplication,
    /// Go back one step.
    Back,
    /// End the visit.
    Finish,
    /// Go on with the visit that was about to end by itself.
    MoreTime,
    /// Say how it was: 1 to [`MAX_RATING`].
    Rate(u8),
    /// Leave the last screen, or need no more time.
    Leave,
    /// The next size of text.
    Larger,
    /// The next colours.
    Contrast,
    /// Read out; where it does, how loud and how fast, or be quiet.
    Voice,
    /// Read out no more.
    Silence,
    /// Read out louder.
    Louder,
    /// Read out more quietly.
    Quieter,
    /// Read out faster.
    Faster,
    /// Read out more slowly.
    Slower,
    /// Read out everything on the screen again.
    Again,
    /// Everything lower, or back up.
    Lower,
    /// Offer the languages.
    Languages,
    /// Speak this language.
    Speak(Language),
    /// Add a digit of a PIN.
    Digit(char),
    /// Add a letter of the recovery key.
    Letter(char),
    /// Take the last digit or letter away.
    Delete,
    /// That is all: check it.
    Confirm,
    /// Begin a new PIN again.
    StartOver,
    /// Show the password that is typed, or hide it.
    Reveal,
    /// Lock the case.
    Lock,
    /// Begin a case.
    BeginCase,
    /// End the case, after a question.
    EndCase,
    /// The answer to that question.
    Erase,
    /// Sign out; with an open case after a question.
    SignOut,
}

/// The best a visitor can say of a visit.
pub const MAX_RATING: u8 = 3;

/// A moment, as the outer world tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Time since boot (`CLOCK_BOOTTIME`), as the session service counts it; it only goes forward.
    pub uptime: Duration,
    /// The year.
    pub year: i16,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, 1 to 31.
    pub day: u8,
    /// The day of the week.
    pub weekday: Weekday,
    /// The time on the wall.
    pub time: TimeOfDay,
}

/// What the trust service, or its absence, tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It is not there (any more).
    Gone,
    /// What it publishes.
    Status(Status),
    /// How the last request ended.
    Answer(Result<(), Refusal>),
}

/// Why a secret was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Not the right PIN.
    WrongPin,
    /// Not the right recovery key.
    WrongKey,
    /// No more attempts for a while.
    LockedOut,
    /// The service does not accept such a secret.
    BadInput,
    /// Anything else.
    Failed,
}

/// What the session service, or its absence, tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Session {
    /// It is not there (any more).
    Gone,
    /// What it publishes.
    Status(session::Status),
    /// Everything of the session is being erased, and this process is part of it.
    Leave,
    /// It did not accept this.
    Refused(SessionRequest),
}

/// What the shell can ask the session service for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionRequest {
    /// Somebody has come.
    Begin(Language),
    /// Somebody speaks this language from now on.
    Speak(Language),
    /// Somebody wants the screen in this manner (see [`crate::manner`]) from now on.
    Prefer(String),
    /// Somebody touched something.
    Presence,
    /// Somebody needs more time.
    Extend,
    /// A service of the site, by its id, was used.
    Note(String),
    /// Somebody is done, or has gone.
    End(Outcome),
    /// How satisfied somebody was, 1 to 3; 0 is no answer.
    Rate(u8),
}

/// What the clerk service, or its absence, tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clerk {
    /// It is not there (any more).
    Gone,
    /// What it publishes.
    Status(clerk::Status),
    /// How the last request with a password ended.
    Answer(Result<(), ClerkRefusal>),
}

/// Why a password was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClerkRefusal {
    /// Not the right one.
    Wrong,
    /// Another try has to wait.
    TooEarly,
    /// The service does not accept such a password.
    BadInput,
    /// Anything else.
    Failed,
}

/// What the shell can ask the clerk service for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClerkRequest {
    /// Something with a password.
    Password(ClerkTask, Secret),
    /// The clerk goes away for a while.
    Lock,
    /// The clerk is done.
    SignOut,
    /// The clerk touched something.
    Presence,
}

/// What the service of calls, or its absence, tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// It is not there (any more).
    Gone,
    /// What it publishes.
    Status(call::Status),
    /// The other side of the conversation has written this.
    Written(Secret),
}

/// What the shell can ask the service of calls for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallRequest {
    /// Call the department with this id.
    Call(String),
    /// End the call.
    HangUp,
    /// Pause it, or go on with it.
    Pause(bool),
    /// Send no sound, or some again.
    Mute(bool),
    /// Send what was written.
    Write(Secret),
    /// The picture has so many pixels across and down.
    Room(u32, u32),
}

/// What the service of calls tells of papers, or its absence.
#[derive(Clone, Debug, PartialEq)]
pub enum Papers {
    /// It is not there (any more).
    Gone,
    /// What it publishes.
    Status(papers::Status),
    /// The other side points at this place of the page, in parts of 65535, or at nothing any more.
    Points(Option<(u16, u16)>),
}

/// What the shell can ask for about papers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PapersRequest {
    /// Answer what was asked to be printed.
    Answer(u32, PrintAnswer),
    /// Answer what was asked to be scanned.
    AnswerScan(u32, ScanAnswer),
    /// Print this document of the other side.
    Print {
        /// Its number.
        document: u32,
        /// What it is.
        kind: Kind,
        /// How often.
        copies: u32,
    },
}

/// What the shell can ask the scanning service for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanRequest {
    /// Scan another page.
    Scan,
    /// Scan this page anew.
    Again(u64),
    /// Stop scanning.
    Cancel,
    /// Turn this page by a quarter.
    Turn(u64),
    /// Show this page.
    Preview(u64),
    /// Make a document of all pages.
    Finish,
    /// Forget all pages, and stop what is under way.
    Clear,
}

/// Everything that can happen.
#[derive(Clone, Debug)]
pub enum Event {
    /// Time has passed.
    Tick(Moment),
    /// A person did something.
    Act(Action),
    /// A person is there: touched the screen or a key, whether or not that did anything.
    Presence,
    /// A finger is on this, or no longer on anything.
    Press(Option<Action>),
    /// The keyboard moved to this, or away from everything.
    Focus(Option<Action>),
    /// News from the trust service.
    Trust(Trust),
    /// News from the session service.
    Session(Session),
    /// News from the clerk service.
    Clerk(Clerk),
    /// News of the battery; nothing if nobody tells of it any more.
    Battery(Option<Battery>),
    /// The devices that are plugged in or missing; nothing if nobody tells of them any more.
    Devices(Option<Vec<Device>>),
    /// How the link stands; nothing if nobody tells of it any more.
    Link(Option<Link>),
    /// News from the service of calls.
    Call(Call),
    /// News of the papers of a conversation.
    Papers(Papers),
    /// The screen has so many pixels for a page of them now; nothing where none may be seen.
    Room(Option<(u32, u32)>),
    /// An application has so many pixels in the frame now.
    Frame(u32, u32),
    /// The page that was wanted is drawn; nothing if it cannot be.
    Drawn(Wish, Option<Drawn>),
    /// The released applications, and the one that was started; nothing if nobody tells of them any more.
    Applications(Option<applications::Status>),
    /// The printer and the job; nothing if nobody tells of them any more.
    Print(Option<print::Status>),
    /// The number of the job that the last wish to print became; nothing if it was not taken.
    Printed(Option<u64>),
    /// The scanner and its pages; nothing if nobody tells of them any more.
    Scan(Option<scan::Status>),
    /// The number in the conversation that this document of the session's store has; nothing if it was not taken.
    Sent(u64, Option<u32>),
    /// A picture of the page with this number.
    Scanned(u64, Arc<Pixmap>),
    /// There is something that only one person hears, or no longer.
    Ear(bool),
    /// An application has a window with this title; nothing if none has one any more.
    Application(Option<String>),
    /// A field of it wants to be typed into, or none any more.
    Field(Option<Purpose>),
    /// Something is out of order, or no longer.
    Outage(Outage, bool),
    /// The site configuration was read (again).
    Site(Arc<Site>),
    /// The service descriptions were read (again).
    Catalogue(Arc<Catalogue>),
}

/// What the outer world has to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Effect {
    /// Hand this secret to the trust service.
    Submit(Task, Secret),
    /// Ask the session service for this.
    Session(SessionRequest),
    /// Ask the clerk service for this.
    Clerk(ClerkRequest),
    /// Ask the service of calls for this.
    Call(CallRequest),
    /// Ask for this about papers.
    Papers(PapersRequest),
    /// Draw this page, and none that was wanted before.
    Draw(Wish),
    /// Start the released application with this id, as large as its frame will be.
    Start(String),
    /// Stop the one that was started.
    Stop,
    /// Print the description of the service with this number.
    Print(usize),
    /// Print the job with this number no more.
    StopPrinting(u64),
    /// Ask the scanning service for this.
    Scan(ScanRequest),
    /// Print the document with this number in the session's store.
    Copy(u64),
    /// Send the document with this number in the session's store to the other side of the conversation.
    Send(u64),
    /// Type this into the application.
    Type(Typed),
    /// End this process.
    Leave,
}

/// What is typed into an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// A character.
    Char(char),
    /// The key that deletes what is before the cursor.
    Backspace,
    /// The key that ends a line or an entry.
    Enter,
}
