// SPDX-License-Identifier: EUPL-1.2
//! How a call on the bus comes to its service and an answer back: the objects of contracts hold only the way in, and the service
//! takes the calls one by one on its own thread.

use async_channel::{Receiver, Sender};

/// An error of a contract that can say that something went wrong.
pub trait Failure {
    /// It, for the log of the caller.
    fn failed(text: String) -> Self;
}

/// Takes the one answer to a [`Request`].
#[derive(Debug)]
pub struct Answer<Reply, Error>(Sender<Result<Reply, Error>>);

impl<Reply, Error> Answer<Reply, Error> {
    /// Answers the caller. A caller that has gone away is no error: nobody is left to tell.
    pub fn send(self, result: Result<Reply, Error>) {
        // The channel has room for exactly this one answer.
        let _ = self.0.try_send(result);
    }
}

/// A call that waits for its answer. Dropping it without one answers that the service has failed.
#[derive(Debug)]
pub struct Request<Call, Reply, Error> {
    /// What to do.
    pub call: Call,
    /// Where the result goes.
    pub answer: Answer<Reply, Error>,
}

/// The way of an object's calls to the service.
#[derive(Debug)]
pub struct Asks<Call, Reply, Error>(Sender<Request<Call, Reply, Error>>);

/// Both ends of the way of calls: the object's and the service's.
pub type Ends<Call, Reply, Error> = (
    Asks<Call, Reply, Error>,
    Receiver<Request<Call, Reply, Error>>,
);

/// A way on which at most so many calls wait.
pub fn bounded<Call, Reply, Error>(most: usize) -> Ends<Call, Reply, Error> {
    let (sender, requests) = async_channel::bounded(most);
    (Asks(sender), requests)
}

impl<Call, Reply, Error: Failure> Asks<Call, Reply, Error> {
    /// Hands a call on and waits for the answer.
    pub async fn ask(&self, call: Call) -> Result<Reply, Error> {
        let (answer, answered) = async_channel::bounded(1);
        let request = Request {
            call,
            answer: Answer(answer),
        };
        let failed = |text: &str| Error::failed(text.to_owned());
        // A full queue means somebody floods the service: refuse instead of keeping their descriptors.
        self.0
            .try_send(request)
            .map_err(|_| failed("the service takes no more calls now"))?;
        answered
            .recv()
            .await
            .unwrap_or_else(|_| Err(failed("the service gave no answer")))
    }
}
