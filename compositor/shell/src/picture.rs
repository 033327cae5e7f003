// SPDX-License-Identifier: EUPL-1.2
//! A picture of one screen, at a fixed moment, so that the same call always makes the same picture.

mod case;
mod papers;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use api::call::{self, CallState, Reason};
use api::print::{Failure, Hindrance, Job, JobState, Printer, Status as PrintStatus};
use api::scan::{self, Page, Trouble, Work};
use api::secret::Secret;
use api::session::{self, SessionState};
use api::trust::{Status, TrustState};
use clap::ValueEnum;
use miette::{IntoDiagnostic, WrapErr, miette};
use shell::canvas::Canvas;
use shell::event::{Action, Call, Event, Moment, Refusal, Session, Trust};
use shell::paint::Painter;
use shell::runtime::Runtime;
use shell::state::application::Purpose;
use shell::state::scan::Purpose as ScanPurpose;
use shell::state::{Identity, State};
use shell::text::Engine;
use site::{Language, TimeOfDay, Weekday};
use tiny_skia::{Color, Paint, Pixmap, Rect, Transform};

/// Which picture to make, if any.
#[derive(Debug, clap::Args)]
pub struct PictureArgs {
    /// Make a picture of this screen instead of opening a window.
    #[arg(long, value_enum, requires = "out")]
    render: Option<Which>,
    /// The same with a screen of a case.
    #[arg(long, value_enum, requires = "out", conflicts_with = "render")]
    render_case: Option<case::Which>,
    /// The language of the picture: de, de-leicht, en, hsb or ar.
    #[arg(long, default_value = "de", value_parser = language)]
    lang: Language,
    /// The size of text: 0 is normal, 2 the largest.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..3))]
    larger: u8,
    /// The colours: 0 is warm paper, 1 black on white, 2 white on black.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..3))]
    contrast: u8,
    /// Everything lower.
    #[arg(long)]
    lower: bool,
    /// Where the picture goes.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// The screens a picture can be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Which {
    Start,
    StartSlow,
    Attract,
    Home,
    HomeOutage,
    HomePressed,
    HomeFocus,
    Authorities,
    Topics,
    TopicsLast,
    Services,
    Service,
    ServiceLast,
    Form,
    Print,
    PrintBusy,
    PrintStopped,
    PrintDone,
    PrintFailed,
    Search,
    SearchSome,
    SearchCapitals,
    SearchSigns,
    SearchNone,
    SearchFound,
    Department,
    DepartmentClosed,
    Talk,
    CallReady,
    CallRings,
    CallWaits,
    CallTalks,
    CallWrites,
    CallShows,
    CallShowsSoon,
    CallShowsNot,
    CallShowsWrites,
    CallAsks,
    CallPrints,
    CallPrinted,
    CallPrintsNot,
    CallHeld,
    CallBusy,
    Deliver,
    DeliverScan,
    Scan,
    ScanBusy,
    ScanKept,
    ScanFailed,
    ScanDone,
    Help,
    HelpCall,
    Voice,
    NoVoice,
    TimeLeft,
    End,
    Languages,
    Pin,
    PinWrong,
    NewPin,
    NewPinAgain,
    NewPinWeak,
    Recovery,
    RecoveryTyping,
    RecoveryWrong,
    Wait,
    Application,
    ApplicationText,
    ApplicationEmail,
    ApplicationDate,
}

/// Reads `1280x800`.
pub fn size(text: &str) -> Result<(u32, u32), String> {
    let side = |text: &str| text.parse().ok().filter(|side| (64..=16384).contains(side));
    let both = text
        .split_once('x')
        .and_then(|(w, h)| Some((side(w)?, side(h)?)));
    both.ok_or_else(|| "width x height in pixels, such as 1280x800".to_owned())
}

fn language(text: &str) -> Result<Language, String> {
    Language::from_tag(text).ok_or_else(|| "one of de, de-leicht, en, hsb, ar".to_owned())
}

/// A page with some lines, as a scanner might have sent it.
fn sheet() -> Option<Pixmap> {
    let mut pixmap = Pixmap::new(620, 877)?;
    pixmap.fill(Color::from_rgba8(250, 249, 245, 255));
    let mut ink = Paint::default();
    ink.set_color_rgba8(40, 40, 60, 255);
    for line in 0_u16..22 {
        let wide = if line % 5 == 4 { 240.0 } else { 460.0 };
        let line = Rect::from_xywh(80.0, 110.0 + f32::from(line) * 30.0, wide, 9.0)?;
        pixmap.fill_rect(line, &ink, Transform::identity(), None);
    }
    Some(pixmap)
}

/// A Tuesday morning.
fn moment(uptime: u64, minutes: u16) -> Moment {
    Moment {
        uptime: Duration::from_secs(uptime),
        year: 2026,
        month: 11,
        day: 24,
        weekday: Weekday::Tuesday,
        time: TimeOfDay::from_minutes(minutes).unwrap_or_default(),
    }
}

impl PictureArgs {
    /// Whether a picture is to be made.
    pub fn wanted(&self) -> bool {
        self.render.is_some() || self.render_case.is_some()
    }

    /// Makes it.
    pub fn make(
        &self,
        state: State,
        engine: Engine,
        painter: Painter,
        canvas: Canvas,
    ) -> miette::Result<()> {
        let Some(out) = &self.out else {
            return Err(miette!("where to?"));
        };
        // A case is shown with its volume open, as a terminal is whose first screen is the welcome.
        let which = self.render.unwrap_or(Which::Attract);
        let opens = !matches!(which, Which::Start | Which::StartSlow);
        let identity = Identity {
            is_case: self.render_case.is_some(),
            ..state.identity
        };
        let state = State {
            now: moment(0, 615),
            catalogue: state.catalogue,
            ..State::new(state.site, identity, moment(0, 615), false)
        };
        let mut runtime = Runtime::new(state, engine, painter, canvas);
        if opens {
            runtime.handle(Event::Trust(Trust::Status(stage(which))));
            runtime.handle(session(SessionState::Idle));
            runtime.handle(Event::Act(Action::Languages));
            runtime.handle(Event::Act(Action::Speak(self.lang)));
        }
        let case = self.render_case.map(case::events).unwrap_or_default();
        for event in events(which).into_iter().chain(case) {
            runtime.handle(event);
        }
        let modes = [
            (Action::Larger, self.larger),
            (Action::Contrast, self.contrast),
            (Action::Lower, u8::from(self.lower)),
        ];
        for (action, times) in modes {
            for _ in 0..times {
                runtime.handle(Event::Act(action));
            }
        }
        runtime.paint();
        let pixels = runtime
            .pixels()
            .ok_or_else(|| miette!("a picture of this size is not possible"))?;
        for cut in &runtime.scene().cut {
            tracing::warn!("does not fit: {cut}");
        }
        let png = pixels.encode_png().into_diagnostic()?;
        std::fs::write(out, png)
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot write {}", out.display()))
    }
}

/// What the session service tells; a session that is about to end does so in 42 seconds.
fn session(state: SessionState) -> Event {
    Event::Session(Session::Status(session::Status {
        state,
        deadline: (state == SessionState::Warned).then_some(Duration::from_secs(42)),
        progress: if state == SessionState::Erased {
            100
        } else {
            0
        },
        ..session::Status::default()
    }))
}

fn stage(which: Which) -> Status {
    let state = match which {
        Which::Pin | Which::PinWrong | Which::Wait => TrustState::Pin,
        Which::NewPin | Which::NewPinAgain | Which::NewPinWeak => TrustState::NewPin,
        Which::Recovery | Which::RecoveryTyping | Which::RecoveryWrong => TrustState::Recovery,
        _ => TrustState::Open,
    };
    let recovery = state == TrustState::Recovery;
    let text = |text: &str| {
        if recovery {
            text.to_owned()
        } else {
            String::new()
        }
    };
    Status {
        state,
        code: text("KTBV-NRHD"),
        reason: text("tpm-mismatch"),
    }
}

/// What the service of calls tells.
fn call(state: CallState, reason: Option<Reason>) -> Event {
    Event::Call(Call::Status(call::Status {
        state,
        reason,
        department: "meldestelle".into(),
        ..call::Status::default()
    }))
}

/// Two are first.
fn waits() -> Event {
    Event::Call(Call::Status(call::Status {
        state: CallState::Waiting,
        department: "meldestelle".into(),
        position: Some(3),
        wait: Some(Duration::from_secs(400)),
        ..call::Status::default()
    }))
}

/// Something that the clerk has written.
fn written() -> Event {
    let text = "Guten Tag! Bitte halten Sie Ihren alten Ausweis bereit.\u{2028}";
    let text = Secret::new(text.to_owned()).unwrap_or_default();
    Event::Call(Call::Written(text))
}

#[allow(clippy::too_many_lines)] // A line or two a screen.
fn events(which: Which) -> Vec<Event> {
    let digits = |digits: &str| {
        digits
            .chars()
            .map(|c| Event::Act(Action::Digit(c)))
            .collect::<Vec<_>>()
    };
    let letters = |letters: &str| {
        letters
            .chars()
            .map(|c| Event::Act(Action::Letter(c)))
            .collect::<Vec<_>>()
    };
    let typed = |text: &str| {
        let chars = text.chars().map(|c| Event::Act(Action::Type(c)));
        chars.collect::<Vec<_>>()
    };
    let act = |action| vec![Event::Act(action)];
    let refused = |refusal| vec![Event::Trust(Trust::Answer(Err(refusal)))];
    let confirm = || act(Action::Confirm);
    let way = |actions: &[Action]| {
        let begin = [Action::Begin].into_iter();
        let all = begin.chain(actions.iter().copied());
        all.map(Event::Act).collect::<Vec<_>>()
    };
    let talk = || way(&[Action::Talk, Action::Authority(0), Action::Department(0)]);
    let talks = || [talk(), vec![call(CallState::Talking, None)]].concat();
    let search = || way(&[Action::Inform, Action::Search]);
    let topic = |authority, department| {
        way(&[
            Action::Inform,
            Action::Authority(authority),
            Action::Department(department),
        ])
    };
    let field = |purpose| {
        let news = [
            Event::Application(Some(String::new())),
            Event::Field(purpose),
        ];
        [way(&[]), news.to_vec()].concat()
    };
    let printer = |printer, job| Event::Print(Some(PrintStatus { printer, job }));
    let printing = |state: Option<JobState>| {
        let ready = printer(Printer::Ready, Job::default());
        let job = state.map(|state| Job {
            id: 1,
            state,
            page: if state == JobState::Done { 3 } else { 2 },
            pages: 3,
        });
        let hindered = match state {
            Some(JobState::Stopped(hindrance)) => Printer::Hindered(hindrance),
            _ => Printer::Ready,
        };
        let told = job.map(|job| {
            let asked = Event::Act(Action::PrintNow);
            vec![asked, Event::Printed(Some(1)), printer(hindered, job)]
        });
        let asks = [Action::Service(0), Action::Print].map(Event::Act).to_vec();
        [vec![ready], topic(0, 0), asks, told.unwrap_or_default()].concat()
    };
    let scanning = |work: Work| {
        let told = |work, pages: &[Page]| {
            Event::Scan(Some(scan::Status {
                is_there: true,
                work,
                pages: pages.to_vec(),
                document: None,
            }))
        };
        let (here, pages) = ([Action::Deliver], [Page { id: 1, turns: 0 }]);
        let pages = match work {
            Work::Kept | Work::Trouble(_) => &pages[..],
            _ => &[],
        };
        let come = Event::Act(Action::Scan(ScanPurpose::Keep));
        let begin = [vec![told(Work::Idle, &[])], way(&here), vec![come]].concat();
        let page = sheet().map(|pixels| Event::Scanned(1, Arc::new(pixels)));
        begin
            .into_iter()
            .chain([told(work, pages)])
            .chain(page)
            .collect::<Vec<_>>()
    };
    match which {
        Which::Start | Which::Attract | Which::Recovery | Which::NewPin => Vec::new(),
        Which::StartSlow => vec![Event::Tick(moment(70, 616))],
        Which::Home => way(&[]),
        Which::HomeOutage => {
            let jam = Printer::Hindered(Hindrance::Jam);
            [way(&[]), vec![printer(jam, Job::default())]].concat()
        }
        Which::HomePressed => [way(&[]), vec![Event::Press(Some(Action::Talk))]].concat(),
        Which::HomeFocus => [way(&[]), vec![Event::Focus(Some(Action::Inform))]].concat(),
        Which::Authorities => way(&[Action::Talk]),
        Which::Topics => way(&[Action::Talk, Action::Authority(0)]),
        Which::TopicsLast => way(&[Action::Talk, Action::Authority(1), Action::Page(9)]),
        Which::Services => topic(0, 0),
        Which::Service => [topic(0, 0), act(Action::Service(0))].concat(),
        Which::ServiceLast => {
            [topic(0, 0), act(Action::Service(0)), act(Action::Page(99))].concat()
        }
        Which::Form => [topic(1, 6), act(Action::Service(13)), act(Action::Form)].concat(),
        Which::Print => printing(None),
        Which::PrintBusy => printing(Some(JobState::Printing)),
        Which::PrintStopped => printing(Some(JobState::Stopped(Hindrance::PaperOut))),
        Which::PrintDone => printing(Some(JobState::Done)),
        Which::PrintFailed => printing(Some(JobState::Failed(Failure::Gone))),
        Which::Search => search(),
        Which::SearchSome => [search(), typed("ausweis")].concat(),
        Which::SearchCapitals => [search(), act(Action::Shift)].concat(),
        Which::SearchSigns => [search(), act(Action::Signs)].concat(),
        Which::SearchNone => [search(), typed("einhorn")].concat(),
        Which::SearchFound => [search(), typed("ausweis"), confirm()].concat(),
        Which::Department => [topic(0, 0), act(Action::Hours)].concat(),
        Which::DepartmentClosed => [
            topic(0, 5),
            act(Action::Hours),
            vec![Event::Tick(moment(1, 20 * 60))],
        ]
        .concat(),
        Which::Talk => talk(),
        Which::CallReady => [vec![call(CallState::Idle, None)], talk()].concat(),
        Which::CallRings => [talk(), vec![call(CallState::Ringing, None)]].concat(),
        Which::CallWaits => [talk(), vec![waits()]].concat(),
        Which::CallTalks => [talk(), vec![call(CallState::Talking, None)]].concat(),
        Which::CallWrites => {
            let begins = vec![call(CallState::Talking, None), written()];
            let writes = typed("Er liegt vor mir");
            [talk(), begins, act(Action::Write), writes].concat()
        }
        Which::CallShows => [talks(), papers::shows(papers::page())].concat(),
        Which::CallShowsSoon => [talks(), papers::offered()].concat(),
        Which::CallShowsNot => [talks(), papers::shows(None)].concat(),
        Which::CallShowsWrites => {
            let writes = [act(Action::Write), typed("Er liegt vor mir")].concat();
            [talks(), papers::shows(papers::page()), writes].concat()
        }
        Which::CallAsks => [talks(), papers::asks()].concat(),
        Which::CallPrints | Which::CallPrinted => {
            let state = if which == Which::CallPrints {
                JobState::Printing
            } else {
                JobState::Done
            };
            let ready = printer(Printer::Ready, Job::default());
            let job = Job {
                id: 1,
                state,
                page: 2,
                pages: 3,
            };
            let told = [Event::Printed(Some(1)), printer(Printer::Ready, job)];
            [vec![ready], talks(), papers::agrees(), told.to_vec()].concat()
        }
        Which::CallPrintsNot => {
            let jam = printer(Printer::Hindered(Hindrance::Jam), Job::default());
            [vec![jam], talks(), papers::agrees()].concat()
        }
        Which::CallHeld => [talk(), vec![call(CallState::Held, None)]].concat(),
        Which::CallBusy => {
            let busy = call(CallState::Ended, Some(Reason::Busy));
            [talk(), vec![call(CallState::Ringing, None), busy]].concat()
        }
        Which::Deliver => way(&[Action::Deliver]),
        Which::DeliverScan => scanning(Work::Idle)[..3].to_vec(),
        Which::Scan => scanning(Work::Idle),
        Which::ScanBusy => scanning(Work::Scanning(60)),
        Which::ScanKept => scanning(Work::Kept),
        Which::ScanFailed => scanning(Work::Trouble(Trouble::Gone)),
        Which::ScanDone => scanning(Work::Done),
        Which::Help => way(&[Action::Help]),
        Which::HelpCall => [vec![call(CallState::Idle, None)], way(&[Action::Help])].concat(),
        Which::Voice => [vec![Event::Ear(true)], way(&[Action::Voice, Action::Voice])].concat(),
        Which::NoVoice => way(&[Action::Voice]),
        Which::TimeLeft => [topic(0, 0), vec![session(SessionState::Warned)]].concat(),
        Which::End => [way(&[Action::Finish]), vec![session(SessionState::Erased)]].concat(),
        Which::Languages => act(Action::Languages),
        Which::Pin => digits("1357"),
        Which::PinWrong => [digits("135790"), confirm(), refused(Refusal::WrongPin)].concat(),
        Which::NewPinAgain => [digits("135790"), confirm(), digits("13")].concat(),
        Which::NewPinWeak => [digits("123456"), confirm()].concat(),
        Which::RecoveryTyping => letters("cbdefghijklnrtuvccbbdd"),
        Which::RecoveryWrong => [
            letters(&"cbdefghijklnrtuv".repeat(4)),
            confirm(),
            refused(Refusal::WrongKey),
        ]
        .concat(),
        Which::Wait => [digits("135790"), confirm()].concat(),
        Which::Application => field(None),
        Which::ApplicationText => field(Some(Purpose::Text)),
        Which::ApplicationEmail => field(Some(Purpose::Email)),
        Which::ApplicationDate => field(Some(Purpose::Date)),
    }
}
