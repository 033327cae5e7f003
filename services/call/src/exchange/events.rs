// SPDX-License-Identifier: EUPL-1.2
//! Server-sent events, as a bounded reader without a connection.

/// The most bytes of a line, and of an event's data.
pub const MOST: usize = 16 * 1024;

/// An event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// What it says.
    pub data: String,
}

/// A line or an event is too long, or no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stream of events is none")]
pub struct NoEvents;

/// Reads a stream piece by piece.
#[derive(Debug, Default)]
pub struct Reader {
    line: Vec<u8>,
    event: Event,
}

impl Reader {
    /// Takes in a piece; gives the events that are whole now.
    pub fn take(&mut self, piece: &[u8]) -> Result<Vec<Event>, NoEvents> {
        let mut events = Vec::new();
        for byte in piece {
            if *byte != b'\n' {
                if self.line.len() >= MOST {
                    return Err(NoEvents);
                }
                self.line.push(*byte);
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let line = std::str::from_utf8(&line).map_err(|_| NoEvents)?;
            events.extend(self.line(line.strip_suffix('\r').unwrap_or(line))?);
        }
        Ok(events)
    }

    /// An empty line ends an event; a line that begins with a colon is a sign of life.
    fn line(&mut self, line: &str) -> Result<Option<Event>, NoEvents> {
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return Ok((!event.data.is_empty()).then_some(event));
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "data" => {
                if self.event.data.len() + value.len() >= MOST {
                    return Err(NoEvents);
                }
                if !self.event.data.is_empty() {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
            }
            _ => {}
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Proves X4: events are read as they were sent, wherever the stream is cut.
    #[test]
    fn events_are_read() {
        let stream =
            b": alive\n\nevent: state\ndata: {\"a\":1}\n\r\n\ndata:b\ndata: c\n\nid: 7\n\n";
        let state = Event {
            name: "state".into(),
            data: "{\"a\":1}".into(),
        };
        let other = Event {
            name: String::new(),
            data: "b\nc".into(),
        };
        for at in 0..stream.len() {
            let (first, second) = stream.split_at(at);
            let mut reader = Reader::default();
            let mut events = reader.take(first).unwrap();
            events.extend(reader.take(second).unwrap());
            assert_eq!(events, [state.clone(), other.clone()], "cut at {at}");
        }
    }

    proptest! {
        /// Proves X1: no stream panics or makes the reader keep more than its bound.
        #[test]
        fn any_stream_is_safe(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4000), 0..16)) {
            let mut reader = Reader::default();
            for piece in pieces {
                if reader.take(&piece).is_err() {
                    break;
                }
                prop_assert!(reader.line.len() <= MOST && reader.event.data.len() <= MOST);
            }
        }

        #[test]
        fn what_is_too_long_is_refused(more in 1_usize..100) {
            let mut reader = Reader::default();
            prop_assert!(reader.take(&vec![b'x'; MOST + more]).is_err());
            let mut reader = Reader::default();
            let line = format!("data: {}\n", "y".repeat(MOST / 2));
            prop_assert!(reader.take(line.as_bytes()).is_ok());
            prop_assert!(reader.take(line.as_bytes()).is_err());
        }
    }
}
