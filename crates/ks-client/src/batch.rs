//! Several calls in one request.

use std::fmt;
use std::ops::Deref;

use serde_json::{Map, Value};

use crate::answer::{Given, refuse};
use crate::call::Params;
use crate::{Action, Answer, Call, Client, Error, Ref, Untyped};

/// Calls that go to the server in one request, and are done there in their order. Each is decided by itself: one that
/// fails does not keep the others from being done.
///
/// ```no_run
/// # use ks_client::{Client, Error, classes::Category};
/// # async fn run(client: Client) -> Result<(), Error> {
/// let mut batch = client.batch();
/// let lectures = batch.add(client.category().add(Category::new().with_name("Lectures")));
/// let physics = Category::new().with_name("Physics").with_parent_id(lectures.id());
/// let physics = batch.add(client.category().add(physics));
/// let answers = batch.send().await?;
/// println!("{:?}", answers.get(&physics)?.full_name());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Batch<'c> {
    client: &'c Client,
    calls: Vec<Part>,
}

/// One of the calls.
pub(crate) struct Part {
    pub(crate) service: String,
    pub(crate) action: String,
    pub(crate) params: Params,
    pub(crate) reads: bool,
    pub(crate) hidden: Vec<String>,
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.service, self.action)
    }
}

impl<'c> Batch<'c> {
    pub(crate) const fn new(client: &'c Client) -> Self {
        Self { client, calls: Vec::new() }
    }

    /// Puts a call at the end. The handle refers to its answer: in later calls of this batch, and when all are answered.
    pub fn add<A: Action>(&mut self, call: Call<'_, A>) -> Handle<A::Output> {
        let info = A::info();
        let hidden = call.params.hidden(Some(info));
        let reads = crate::action::is_read(info);
        self.push(Part {
            service: info.service.to_lowercase(),
            action: info.name.to_owned(),
            params: call.params,
            reads,
            hidden,
        })
    }

    /// Puts a call of an action by name at the end.
    pub fn add_untyped(&mut self, call: Untyped<'_>) -> Handle<Value> {
        let part = call.into_part();
        self.push(part)
    }

    fn push<T>(&mut self, part: Part) -> Handle<T> {
        self.calls.push(part);
        Handle { reference: Ref::to_call(self.calls.len()), index: self.calls.len() - 1 }
    }

    /// How many calls there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Sends them.
    ///
    /// # Errors
    /// When there is no answer at all; what became of each call is asked of the [`Answers`].
    pub async fn send(self) -> Result<Answers, Error> {
        let count = self.calls.len();
        let values = self.client.perform_all(self.calls).await?;
        if values.len() == count {
            Ok(Answers { values })
        } else {
            Err(Error::Decode(format!("{} answers came for {count} calls", values.len())))
        }
    }
}

impl Part {
    /// The part of the request's body that is this call.
    pub(crate) fn body(&mut self) -> Map<String, Value> {
        let mut body = std::mem::take(&mut self.params.fields);
        body.insert("service".to_owned(), self.service.as_str().into());
        body.insert("action".to_owned(), self.action.as_str().into());
        body
    }
}

/// The answer of a call in a batch, before it is there. It is a reference to the whole answer.
pub struct Handle<T> {
    reference: Ref<T>,
    index: usize,
}

impl<T> Deref for Handle<T> {
    type Target = Ref<T>;

    fn deref(&self) -> &Ref<T> {
        &self.reference
    }
}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({})", self.reference)
    }
}

/// What became of the calls of a batch.
#[derive(Clone)]
pub struct Answers {
    values: Vec<Value>,
}

impl Answers {
    /// The answer of a call, or the error of that call.
    ///
    /// # Errors
    /// The call's own.
    pub fn get<T: Answer>(&self, handle: &Handle<T>) -> Result<T, Error> {
        let value = self.values.get(handle.index).cloned();
        let value = value.ok_or_else(|| Error::Usage("the handle is of another batch".to_owned()))?;
        refuse(value).and_then(|value| T::read(Given::Value(value)))
    }

    /// How many of the calls failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.values.iter().filter(|value| crate::ApiError::read(value).is_some()).count()
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answers({} of {} failed)", self.failed(), self.values.len())
    }
}
