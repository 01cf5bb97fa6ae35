//! A collector of OpenTelemetry for tests: takes spans on loopback (OTLP over HTTP, in protobuf) and keeps them.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::{Value, json};

/// A span that was told.
#[derive(Clone, Debug)]
pub struct Told {
    /// What it is called.
    pub name: String,
    /// As OTLP numbers them: 1 internal, 2 server, 3 client.
    pub kind: i32,
    /// The trace, in hexadecimal digits.
    pub trace: String,
    /// The span, in hexadecimal digits.
    pub id: String,
    /// The span that it is a part of; empty: of none.
    pub parent: String,
    /// Its attributes.
    pub attributes: BTreeMap<String, Value>,
    /// Attributes of whoever told.
    pub resource: BTreeMap<String, Value>,
    /// As OTLP numbers them: 0 unset, 2 an error.
    pub status: i32,
    /// When it began and ended, in nanoseconds.
    pub times: (u64, u64),
    /// What else it holds: events, links, its state.
    pub others: usize,
}

/// What batches are met with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// They are taken.
    #[default]
    Takes,
    /// They are refused for good.
    Refuses,
    /// They get no answer, until another mood comes.
    Waits,
}

#[derive(Default)]
struct State {
    mood: Mood,
    spans: Vec<Told>,
    /// All that came, headers and bodies.
    raw: Vec<u8>,
    heads: Vec<String>,
}

/// The collector. Its threads end with the process.
#[derive(Clone)]
pub struct Collector {
    shared: Arc<(Mutex<State>, Condvar)>,
    /// Where it is.
    pub url: String,
}

impl std::fmt::Debug for Collector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Collector").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Collector {
    /// Starts one on a free port.
    ///
    /// # Panics
    ///
    /// When it cannot listen.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let collector = Self { shared: Arc::default(), url };
        let other = collector.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let collector = other.clone();
                std::thread::spawn(move || collector.talk(&stream));
            }
        });
        collector
    }

    fn state<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let done = work(&mut self.shared.0.lock().expect("no thread panics"));
        self.shared.1.notify_all();
        done
    }

    /// From now on batches are met with this.
    pub fn turn(&self, mood: Mood) {
        self.state(|state| state.mood = mood);
    }

    /// The spans that came so far, each once.
    #[must_use]
    pub fn spans(&self) -> Vec<Told> {
        self.state(|state| state.spans.clone())
    }

    /// The heads of the requests that came so far.
    #[must_use]
    pub fn heads(&self) -> Vec<String> {
        self.state(|state| state.heads.clone())
    }

    /// All bytes that came so far.
    #[must_use]
    pub fn raw(&self) -> Vec<u8> {
        self.state(|state| state.raw.clone())
    }

    #[track_caller]
    fn wait<T>(&self, what: &str, find: impl Fn(&State) -> Option<T>) -> T {
        let until = Instant::now() + Duration::from_mins(1);
        let mut state = self.shared.0.lock().expect("no thread panics");
        loop {
            if let Some(found) = find(&state) {
                return found;
            }
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{what} did not come: {:#?}", state.spans);
            state = self.shared.1.wait_timeout(state, left).expect("no thread panics").0;
        }
    }

    /// Waits until so many batches were brought, taken or not.
    #[track_caller]
    pub fn wait_for_batches(&self, count: usize) {
        self.wait("a batch", |state| (state.heads.len() >= count).then_some(()));
    }

    /// Waits for a span of this name that is the first of its kind in its trace, and then for all parts that it must have.
    #[must_use]
    #[track_caller]
    pub fn request(&self, is: impl Fn(&Told) -> bool) -> Told {
        self.wait("a request", |state| state.spans.iter().find(|span| span.kind == 2 && is(span)).cloned())
    }

    /// The spans of a trace. A span is told after its parts, so when a request is there, all of it is.
    #[must_use]
    pub fn trace(&self, trace: &str) -> Vec<Told> {
        self.spans().into_iter().filter(|span| span.trace == trace).collect()
    }

    /// One conversation, of one request or several.
    fn talk(&self, stream: &TcpStream) {
        let (mut reader, mut writer) = (BufReader::new(stream), stream);
        loop {
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                if !reader.read_line(&mut line).is_ok_and(|read| read > 0) {
                    return;
                }
                let lower = line.to_ascii_lowercase();
                if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().expect("a length");
                }
                if line.trim().is_empty() {
                    break;
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            if reader.read_exact(&mut body).is_err() {
                return;
            }
            let mood = self.come(&head, &body);
            let status = if mood == Mood::Refuses { "400 Bad Request" } else { "200 OK" };
            let answer =
                format!("HTTP/1.1 {status}\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n");
            if writer.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }

    /// Keeps what came; says how it is met.
    fn come(&self, head: &str, body: &[u8]) -> Mood {
        let spans = read(body);
        self.state(|state| {
            state.raw.extend_from_slice(head.as_bytes());
            state.raw.extend_from_slice(body);
            state.heads.push(head.to_owned());
        });
        let mood = {
            let mut state = self.shared.0.lock().expect("no thread panics");
            while state.mood == Mood::Waits {
                state = self.shared.1.wait(state).expect("no thread panics");
            }
            state.mood
        };
        if mood == Mood::Takes {
            self.state(|state| {
                for span in spans {
                    // What got no answer in time is sent again.
                    if state.spans.iter().all(|known| known.id != span.id) {
                        state.spans.push(span);
                    }
                }
            });
        }
        mood
    }
}

fn read(body: &[u8]) -> Vec<Told> {
    let request = ExportTraceServiceRequest::decode(body).expect("OTLP in protobuf");
    let mut spans = Vec::new();
    for resource in request.resource_spans {
        let told_by = attributes(resource.resource.map(|it| it.attributes).unwrap_or_default());
        for scope in resource.scope_spans {
            spans.extend(scope.spans.into_iter().map(|span| told(span, &told_by)));
        }
    }
    spans
}

fn told(span: Span, resource: &BTreeMap<String, Value>) -> Told {
    let status = span.status.unwrap_or_default();
    Told {
        name: span.name,
        kind: span.kind,
        trace: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: hex(&span.parent_span_id),
        attributes: attributes(span.attributes),
        resource: resource.clone(),
        status: status.code,
        times: (span.start_time_unix_nano, span.end_time_unix_nano),
        others: span.events.len() + span.links.len() + span.trace_state.len() + status.message.len(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attributes(pairs: Vec<KeyValue>) -> BTreeMap<String, Value> {
    let value = |pair: &KeyValue| match pair.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Any::StringValue(text)) => json!(text),
        Some(Any::IntValue(number)) => json!(number),
        Some(Any::BoolValue(is)) => json!(is),
        Some(Any::DoubleValue(number)) => json!(number),
        other => panic!("{}: {other:?}", pair.key),
    };
    pairs.into_iter().map(|pair| (pair.key.clone(), value(&pair))).collect()
}
