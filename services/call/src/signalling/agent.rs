// SPDX-License-Identifier: EUPL-1.2
//! The user agent of one call that we make.

use std::sync::Arc;
use std::time::Duration;

use rsipstack::EndpointBuilder;
use rsipstack::dialog::authenticate::Credential;
use rsipstack::dialog::dialog::{Dialog, DialogState, TerminatedReason, TransactionHandle};
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::dialog::invitation::InviteOption;
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::headers::untyped::Contact;
use rsipstack::sip::{Header, HeadersExt, Method, Response, StatusCode, Uri};
use rsipstack::transaction::TransactionReceiver;
use rsipstack::transaction::endpoint::{Endpoint, EndpointOption};
use rsipstack::transaction::transaction::Transaction;
use rsipstack::transport::{SipConnection, TransportLayer};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::line::{Line, LineError};
use crate::account::Account;

/// Requests of the other side that are answered at the same time; more are not.
const REQUESTS: usize = 8;
/// The end of a call is told to the other side for so long, then it ends without.
const GOODBYE: Duration = Duration::from_secs(4);
/// An offer in between that is not answered for so long is taken for declined. Browsers look for relays that are gone for 10 s.
const OFFER: Duration = Duration::from_secs(15);
/// What descriptions are.
const SDP: &str = "application/sdp";

/// Why a call did not come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The exchange is not reached.
    Unreachable,
    /// What answers cannot prove to be the exchange.
    Untrusted,
    /// The exchange does not take our credentials.
    Credentials,
    /// The department does not exist, or is not called like that.
    Unknown,
    /// Nobody takes the call.
    Busy,
    /// Nobody has taken the call in time.
    Unanswered,
    /// Something else went wrong, with this status of SIP.
    Other(u16),
}

/// What happens in a call. Descriptions are as they came: unchecked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It rings at the other side.
    Ringing,
    /// The other side has answered with this description.
    Answered(Vec<u8>),
    /// The call did not come about.
    Failed(Failure),
    /// The other side wants to go on with this description; it waits for [`Agent::agree`].
    Offered(Vec<u8>),
    /// The other side agrees to what we offered in between, as this version.
    Agreed(u32, Vec<u8>),
    /// The other side does not agree to it, or has not answered.
    Declined(u32),
    /// The other side has ended the call.
    Ended,
    /// The line to the exchange is lost, or back.
    Line(bool),
}

enum Command {
    Offer(u32, String),
    Agree(Option<String>),
    End,
}

/// A call as it is seen by who steers it. Dropping it ends the call.
pub struct Agent {
    commands: mpsc::UnboundedSender<Command>,
}

impl Agent {
    /// Calls `callee` with `offer`; `event` is told what becomes of it, from a task of `runtime`.
    pub fn call(
        runtime: &tokio::runtime::Handle,
        account: Account,
        callee: String,
        offer: String,
        event: impl Fn(Event) + Send + Sync + 'static,
    ) -> Self {
        let (commands, inbox) = mpsc::unbounded_channel();
        let call = Call {
            account,
            callee,
            event: Box::new(event),
        };
        runtime.spawn(async move {
            if let Err(failure) = call.run(offer, inbox).await {
                (call.event)(Event::Failed(failure));
            }
        });
        Self { commands }
    }

    /// Offers to go on with another description. One that waits for its answer is not overtaken: the last of those that come
    /// meanwhile is offered after it.
    pub fn offer(&self, version: u32, sdp: String) {
        self.tell(Command::Offer(version, sdp));
    }

    /// Answers an [`Event::Offered`]: with a description, or that it cannot be.
    pub fn agree(&self, sdp: Option<String>) {
        self.tell(Command::Agree(sdp));
    }

    /// Ends the call, however far it is.
    pub fn end(&self) {
        self.tell(Command::End);
    }

    fn tell(&self, command: Command) {
        // A call that has ended takes nothing any more.
        let _ = self.commands.send(command);
    }
}

struct Call {
    account: Account,
    callee: String,
    event: Box<dyn Fn(Event) + Send + Sync>,
}

impl Call {
    async fn run(
        &self,
        offer: String,
        mut inbox: mpsc::UnboundedReceiver<Command>,
    ) -> Result<(), Failure> {
        let opened = tokio::select! {
            opened = Line::open(&self.account) => opened,
            // Given up before there was a line.
            Some(Command::End) | None = inbox.recv() => return Ok(()),
        };
        let mut line = opened.map_err(|error| {
            tracing::warn!("{error}: {:?}", std::error::Error::source(&error));
            failure_of(&error)
        })?;
        let stack = Stack::new(&line).map_err(|error| broken(&error))?;
        let _ended = stack.ended.clone().drop_guard();
        let option = self
            .invitation(&line, offer)
            .map_err(|error| broken(&error))?;
        let (states, mut state) = mpsc::unbounded_channel();
        let (dialog, invited) = stack
            .dialogs
            .do_invite_async(option, states)
            .map_err(|error| broken(&error))?;
        tokio::pin!(invited);
        let mut talk = Talk {
            call: self,
            dialog,
            asked: None,
            reoffer: None,
            next: None,
        };
        let mut pending = true;
        loop {
            tokio::select! {
                biased;
                result = &mut invited, if pending => {
                    pending = false;
                    let result = result.unwrap_or_else(|_| Err(rsipstack::Error::Error("gone".into())));
                    let (_, response) = result.map_err(|error| broken(&error))?;
                    let answer = response.ok_or(Failure::Unanswered)?;
                    if answer.status_code != StatusCode::OK {
                        tracing::info!(status = answer.status_code.code(), "the call did not come about");
                        return Err(failure(&answer.status_code));
                    }
                    (self.event)(Event::Answered(answer.body));
                }
                Some(new) = state.recv() => {
                    if talk.state(new) {
                        stack.rest().await;
                        return Ok(());
                    }
                }
                command = inbox.recv() => match command {
                    Some(Command::Offer(version, sdp)) => talk.offer(version, sdp),
                    Some(Command::Agree(sdp)) => talk.agree(sdp).await,
                    Some(Command::End) | None => {
                        talk.end().await;
                        stack.rest().await;
                        return Ok(());
                    }
                },
                Some(agreed) = talk.agreed() => {
                    (self.event)(agreed);
                    talk.reoffer = None;
                    if let Some((version, sdp)) = talk.next.take() {
                        talk.offer(version, sdp);
                    }
                }
                up = line.changed() => match up {
                    Some(up) => (self.event)(Event::Line(up)),
                    None => return Err(Failure::Unreachable),
                },
            }
        }
    }

    fn invitation(&self, line: &Line, offer: String) -> rsipstack::Result<InviteOption> {
        let Account { domain, name, .. } = &self.account;
        let us = Uri::try_from(format!("sip:{name}@{domain}").as_str())?;
        let contact = format!("sip:{name}@{};transport=tls", line.local());
        Ok(InviteOption {
            caller: us,
            callee: Uri::try_from(format!("sip:{}@{domain}", self.callee).as_str())?,
            destination: Some(line.server.clone()),
            content_type: Some(SDP.to_owned()),
            offer: Some(offer.into_bytes()),
            contact: Uri::try_from(contact.as_str())?,
            credential: Some(Credential {
                username: name.clone(),
                password: self.account.password.expose().to_owned(),
                realm: None,
                auth_username: Some(self.account.user.clone()),
            }),
            ..InviteOption::default()
        })
    }
}

/// Where the other side is reached, as an address and as it wrote it.
type Target = (Uri, Contact);

/// Where the sender of a message says that it is.
fn target<M: HeadersExt>(message: &M) -> Option<Target> {
    let contact = message.contact_header().ok()?.clone();
    let mut all = message.typed_contact_headers().ok()?;
    Some((all.drain(..).next()?.uri, contact))
}

type Reoffer = tokio::task::JoinHandle<rsipstack::Result<Option<Response>>>;

/// A call that was begun.
struct Talk<'a> {
    call: &'a Call,
    dialog: InviteDialog,
    /// The other side's offer that waits for our answer, and where it came from.
    asked: Option<(TransactionHandle, Option<Target>)>,
    /// Our offer that waits for the other side's answer.
    reoffer: Option<(u32, Reoffer)>,
    /// Our offer that comes after it.
    next: Option<(u32, String)>,
}

impl Talk<'_> {
    /// Takes in what the dialog says; says whether the call has ended.
    fn state(&mut self, state: DialogState) -> bool {
        match state {
            DialogState::Early(_, response) => {
                if response.status_code == StatusCode::Ringing {
                    (self.call.event)(Event::Ringing);
                }
            }
            DialogState::Updated(_, request, handle) => {
                let target = target(&request);
                // An INVITE, or an UPDATE without a description, which asks for nothing but says where the other side is now.
                if request.body.is_empty() {
                    self.follow(target);
                    let call = handle;
                    tokio::spawn(async move { call.reply(StatusCode::OK).await });
                } else {
                    self.asked = Some((handle, target));
                    (self.call.event)(Event::Offered(request.body));
                }
            }
            DialogState::Info(_, _, handle)
            | DialogState::Options(_, _, handle)
            | DialogState::Message(_, _, handle)
            | DialogState::Notify(_, _, handle) => {
                tokio::spawn(async move { handle.reply(StatusCode::OK).await });
            }
            DialogState::Refer(_, _, handle) | DialogState::Publish(_, _, handle) => {
                tokio::spawn(async move { handle.reply(StatusCode::NotImplemented).await });
            }
            DialogState::Terminated(_, reason) => {
                if matches!(reason, TerminatedReason::UasBye) {
                    (self.call.event)(Event::Ended);
                    return true;
                }
                // What else ends it is told by what we were waiting for.
            }
            DialogState::Calling(_)
            | DialogState::Trying(_)
            | DialogState::WaitAck(..)
            | DialogState::Confirmed(..) => {}
        }
        false
    }

    /// From now on the other side is there (RFC 3261 12.2.1.2, 12.2.2): a desk that has lost its connection to the exchange has another.
    fn follow(&self, target: Option<Target>) {
        if let Some((address, contact)) = target {
            Dialog::Invite(self.dialog.clone()).set_remote_target(address, Some(contact));
        }
    }

    fn offer(&mut self, version: u32, sdp: String) {
        if self.reoffer.is_some() {
            self.next = Some((version, sdp));
            return;
        }
        let dialog = self.dialog.clone();
        let offer = tokio::spawn(async move {
            let headers = vec![Header::ContentType(SDP.into())];
            let body = Some(sdp.into_bytes());
            let offer = dialog.reinvite_with_glare_retry(Some(headers), body, 3);
            let late = |_| rsipstack::Error::Error("no answer in time".into());
            timeout(OFFER, offer)
                .await
                .unwrap_or_else(|late_by| Err(late(late_by)))
        });
        self.reoffer = Some((version, offer));
    }

    /// What became of our offer; waits while there is none.
    async fn agreed(&mut self) -> Option<Event> {
        let (version, offer) = match &mut self.reoffer {
            Some((version, offer)) => (*version, offer),
            None => std::future::pending().await,
        };
        Some(match offer.await {
            Ok(Ok(Some(response))) if response.status_code == StatusCode::OK => {
                self.follow(target(&response));
                Event::Agreed(version, response.body)
            }
            Ok(Ok(response)) => {
                let status = response.map(|response| response.status_code.code());
                tracing::warn!(?status, "an offer was declined");
                Event::Declined(version)
            }
            Ok(Err(error)) => {
                tracing::warn!("cannot offer: {error}");
                Event::Declined(version)
            }
            Err(_) => Event::Declined(version),
        })
    }

    async fn agree(&mut self, sdp: Option<String>) {
        let Some((handle, target)) = self.asked.take() else {
            return;
        };
        let sent = match sdp {
            Some(sdp) => {
                self.follow(target);
                let headers = vec![Header::ContentType(SDP.into())];
                let body = Some(sdp.into_bytes());
                handle.respond(StatusCode::OK, Some(headers), body).await
            }
            None => handle.reply(StatusCode::NotAcceptableHere).await,
        };
        if sent.is_err() {
            tracing::warn!("an offer was withdrawn before it was answered");
        }
    }

    async fn end(&mut self) {
        match timeout(GOODBYE, self.dialog.hangup()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("cannot tell the other side of the end: {error}"),
            Err(_) => tracing::warn!("the other side does not answer to the end"),
        }
    }
}

/// The SIP stack over one line.
struct Stack {
    endpoint: Endpoint,
    dialogs: Arc<DialogLayer>,
    ended: CancellationToken,
}

impl Stack {
    fn new(line: &Line) -> rsipstack::Result<Self> {
        let ended = CancellationToken::new();
        let mut transport = TransportLayer::new(ended.clone());
        // Whatever a peer writes into its addresses: everything goes to the exchange, by the line.
        transport.outbound = Some(line.server.clone());
        let connection = SipConnection::TlsPlatform(line.connection.clone());
        transport.add_transport(connection.clone());
        let endpoint = EndpointBuilder::new()
            .with_user_agent("Amtsnah")
            .with_cancel_token(ended.clone())
            .with_transport_layer(transport)
            .with_option(EndpointOption {
                // A call's id says nothing of who makes it.
                callid_suffix: Some("call.invalid".to_owned()),
                ..EndpointOption::default()
            })
            .with_allows(vec![
                Method::Invite,
                Method::Ack,
                Method::Cancel,
                Method::Bye,
                Method::Options,
                Method::Update,
                Method::Info,
            ])
            .build();
        let dialogs = Arc::new(DialogLayer::new(endpoint.inner.clone()));
        let requests = endpoint.incoming_transactions()?;
        let inner = endpoint.inner.clone();
        tokio::spawn(async move { inner.serve().await });
        endpoint.inner.transport_layer.add_connection(connection);
        tokio::spawn(serve(requests, dialogs.clone()));
        Ok(Self {
            endpoint,
            dialogs,
            ended,
        })
    }

    /// Lets what is under way come to its end.
    async fn rest(&self) {
        let quiet = async {
            while self.endpoint.inner.get_stats().running_transactions > 0 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let _ = timeout(Duration::from_secs(2), quiet).await;
    }
}

/// Answers requests of the other side.
async fn serve(mut requests: TransactionReceiver, dialogs: Arc<DialogLayer>) {
    let places = Arc::new(Semaphore::new(REQUESTS));
    while let Some(mut request) = requests.recv().await {
        let Ok(place) = places.clone().try_acquire_owned() else {
            // It is repeated, or given up by who sent it.
            continue;
        };
        let dialog = dialogs.match_dialog(&request);
        tokio::spawn(async move {
            if let Err(error) = answer(&mut request, dialog).await {
                tracing::warn!("cannot answer a request: {error}");
            }
            drop(place);
        });
    }
}

async fn answer(request: &mut Transaction, dialog: Option<Dialog>) -> rsipstack::Result<()> {
    match (dialog, &request.original.method) {
        (Some(Dialog::Invite(mut dialog)), _) => dialog.handle(request).await,
        (_, Method::Ack) => Ok(()),
        (_, Method::Options) => request.reply(StatusCode::OK).await,
        // Nobody calls a terminal.
        (_, Method::Invite) => request.reply(StatusCode::TemporarilyUnavailable).await,
        _ => request.reply(StatusCode::CallTransactionDoesNotExist).await,
    }
}

fn failure_of(error: &LineError) -> Failure {
    match error {
        LineError::Unreachable(_) | LineError::Stack(_) => Failure::Unreachable,
        LineError::Untrusted(_) | LineError::Roots | LineError::Domain(_) => Failure::Untrusted,
    }
}

fn broken(error: &rsipstack::Error) -> Failure {
    tracing::warn!("the SIP stack gave up: {error}");
    Failure::Unreachable
}

fn failure(status: &StatusCode) -> Failure {
    match status.code() {
        401 | 403 | 407 => Failure::Credentials,
        404 | 410 | 484 | 604 => Failure::Unknown,
        486 | 600 | 603 => Failure::Busy,
        408 | 480 | 487 => Failure::Unanswered,
        code => Failure::Other(code),
    }
}
