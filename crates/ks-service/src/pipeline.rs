//! The way of one request.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ks_access::builtin::{FROM_INSIDE, SYSTEM_ADMIN};
use ks_access::{Scope, permit};
use ks_schema::generated::services::{ActionId, Args};
use ks_schema::read::ReadContext;
use ks_schema::{ApiError, Out, PartnerId, Tree};
use ks_store::{PartnerStatus, Refusal};
use ks_token::{KsHash, SmolStr};
use ks_wire::{CallTree, Calls, Decoded, ReferenceBudget, weight};
use parking_lot::Mutex;
use tokio::sync::OnceCell;

use crate::call::{Call, RequestInfo, Session, partner_id};
use crate::establish::Requested;
use crate::generated::dispatch;
use crate::inspect::{self, Inspector, Seen};
use crate::node::Node;
use crate::rate::Excess;
use crate::{refusal, response_profile, span};

/// Parts of a multirequest are done until their answers together are this large, in bytes.
const LARGEST_ANSWER: usize = 32 << 20;

/// When a call that was refused may come again.
const RETRY_AFTER: &str = "Retry-After";

type Headers = Mutex<Vec<(String, String)>>;

/// What a request is answered.
#[derive(Debug)]
pub struct Answer {
    /// The value, or a list of them for a multirequest.
    pub out: Out,
    /// Headers besides the usual ones.
    pub headers: Vec<(String, String)>,
}

/// The names by which a call is known, as far as they were found.
#[derive(Default)]
struct Trace {
    action: Option<ActionId>,
    partner: Option<PartnerId>,
    user: Option<SmolStr>,
    session: Option<KsHash>,
    /// The account whose figures the call belongs to: one that exists.
    counted: Option<PartnerId>,
    /// Whether the caller made too many calls.
    excess: bool,
}

/// A call that an inspector is told of.
struct Looking<'a> {
    inspector: &'a Arc<dyn Inspector>,
    seen: Seen,
    began: Instant,
}

impl<'a> Looking<'a> {
    fn at(inspector: &'a Arc<dyn Inspector>, request: &RequestInfo, call: &CallTree, now: i64) -> Self {
        let seen = Seen {
            request_id: request.id.clone(),
            at: now,
            service: call.service().unwrap_or_default().to_owned(),
            action: call.action().unwrap_or_default().to_owned(),
            partner: None,
            user: None,
            params: inspect::masked(&call.params),
            code: None,
            took: Duration::ZERO,
        };
        Self { inspector, seen, began: Instant::now() }
    }

    fn tell(mut self, trace: &Trace, error: Option<&ApiError>) {
        if let Some(info) = trace.action.map(ActionId::info) {
            info.service.clone_into(&mut self.seen.service);
            info.name.clone_into(&mut self.seen.action);
        }
        self.seen.partner = trace.partner.or(trace.counted);
        self.seen.user = trace.user.as_deref().map(str::to_owned);
        self.seen.code = error.map(|error| error.code().info().code);
        self.seen.took = self.began.elapsed();
        self.inspector.seen(self.seen);
    }
}

impl Node {
    /// Answers a request: one value, or one for each part of a multirequest.
    ///
    /// The future is boxed, because it is deep: whoever awaits it need not be laid out around all that any action awaits.
    pub fn answer<'f>(
        &'f self,
        request: &'f RequestInfo,
        decoded: Decoded,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + 'f>> {
        Box::pin(async move {
            let headers = Mutex::new(Vec::new());
            let out = self.answer_all(request, decoded, &headers).await;
            Answer { out, headers: headers.into_inner() }
        })
    }

    async fn answer_all(&self, request: &RequestInfo, decoded: Decoded, headers: &Headers) -> Out {
        let mut counted = None;
        match decoded.calls {
            Err(refused) => refused.into_out(),
            Ok(Calls::Single(call)) => self.answer_one(request, call, &mut counted, headers).await,
            Ok(Calls::Multi(calls)) => {
                let mut results = Vec::with_capacity(calls.len());
                let mut references = ReferenceBudget::default();
                let mut answered = 0_usize;
                for mut call in calls {
                    // Short requests must not make answers of any length.
                    let room = if answered > LARGEST_ANSWER {
                        Err(ApiError::parameter_value_out_of_range("answer", 0, LARGEST_ANSWER))
                    } else {
                        call.resolve(&results, &mut references)
                    };
                    let result = match room {
                        Ok(()) => self.answer_one(request, call, &mut counted, headers).await,
                        Err(error) => Out::Error(Box::new(error)),
                    };
                    answered = answered.saturating_add(weight(&result));
                    if matches!(result, Out::File(_)) {
                        // Raw bytes have no place in a list: they are all that is answered.
                        return result;
                    }
                    results.push(result);
                }
                Out::List(results)
            }
        }
    }

    async fn answer_one(
        &self,
        request: &RequestInfo,
        call: CallTree,
        counted: &mut Option<KsHash>,
        headers: &Headers,
    ) -> Out {
        let mut trace = Trace::default();
        let looking =
            self.options.inspector.as_ref().map(|inspector| Looking::at(inspector, request, &call, self.now()));
        let began = Instant::now();
        let span = span::call(&call);
        let result = span.within(self.run(request, call, counted, headers, &mut trace)).await;
        span::answered(&span, trace.partner.or(trace.counted), result.as_ref().err());
        self.meter.call(trace.action, result.as_ref().err().map(ApiError::code), began.elapsed());
        if let Some(looking) = looking {
            looking.tell(&trace, result.as_ref().err());
        }
        if let (Some(action), Some(partner)) = (trace.action, trace.counted) {
            self.store.count_call(partner, action, result.as_ref().err().map(ApiError::code), self.now());
        }
        match result {
            Ok(out) => out,
            Err(error) => {
                let action = trace.action;
                // The answer says all that there is to say, and a flood must not become one of notes.
                if trace.excess {
                    return Out::Error(Box::new(error));
                }
                if refusal::is_refusal(&error) {
                    self.keep_refusal(request, &error, trace);
                }
                match action.and_then(|action| action.info().flatten.as_ref()) {
                    Some(flatten) => flatten.apply(error),
                    None => Out::Error(Box::new(error)),
                }
            }
        }
    }

    /// One call, each step once, in the order that clients can observe.
    async fn run(
        &self,
        request: &RequestInfo,
        mut call: CallTree,
        counted: &mut Option<KsHash>,
        headers: &Headers,
        trace: &mut Trace,
    ) -> Result<Out, ApiError> {
        let now = self.now();
        let action = find_action(&call)?;
        trace.action = Some(action);
        let info = action.info();
        check_language(&call)?;
        if let Some(inspector) = &self.options.inspector {
            let fate = inspector.fate(info.service, info.name);
            if !fate.delay.is_zero() {
                tokio::time::sleep(fate.delay).await;
            }
            if fate.panics {
                inspect::slip(&call.params);
            }
            if let Some(error) = fate.error {
                return Err(error);
            }
        }

        let requested = requested_partner(&call);
        if let Requested::Partner(id) = requested {
            trace.partner = Some(id);
        }

        // The token's text comes first, and spoils even calls that need no session.
        let session = match call.ks() {
            Some(text) => Some(self.verify(&text).await?),
            None => None,
        };
        if let Some(session) = &session {
            trace.partner = Some(session.ks.partner_id);
            trace.user.clone_from(&session.ks.user_id);
            trace.session = Some(session.ks.hash);
            trace.counted = Some(session.ks.partner_id);
        }

        // The operator's own listener is how to get in when all else is too much.
        if !request.internal {
            let (from, partner) = (request.remote_addr, session.as_ref().map(|session| session.ks.partner_id));
            if let Err(excess) = self.limits.count(from, action, partner, trace.partner) {
                trace.excess = true;
                self.meter.excess(excess.limit);
                wait_for(headers, excess);
                return Err(ApiError::action_blocked(info.name, info.service));
            }
        }

        // Arguments come before any question of rights.
        call.claim_files(info);
        if self.options.inspector.as_ref().is_some_and(|inspector| inspector.is_strict()) {
            inspect::check(info, &call.params)?;
        }
        let time_base = session.as_ref().and_then(reference_time).unwrap_or(now);
        let context = ReadContext { time_base };
        let args = Args::read(action, &mut call.params, &context)?;
        let profile = call.response_profile().map(|tree| response_profile::read(tree, &context)).transpose()?;
        drop(call);

        let established = self.establish(request, now, session.as_ref(), requested, counted).await?;
        // A session's calls are its own account's, whichever it asks for.
        if session.is_none()
            && let Some(account) = &established.account
        {
            trace.counted = Some(account.partner.id);
        }
        let permissions = if request.internal {
            let permissions = established.permissions.as_ref().clone().with(FROM_INSIDE);
            let is_admin = session.as_ref().is_some_and(|session| session.ks.is_admin());
            Arc::new(if is_admin { permissions.with(SYSTEM_ADMIN) } else { permissions })
        } else {
            established.permissions
        };
        let read_only = established.account.as_ref().is_some_and(|it| it.partner.status == PartnerStatus::ReadOnly);
        let why = match established.scope {
            Scope::Foreign(_) => Some("The session belongs to another account than the one that was asked for."),
            _ if !permit(&permissions, info) => Some("No role of the session has a permission for this action."),
            _ if read_only && info.writes => Some("The account can only be read at present."),
            Scope::None | Scope::Own(_) | Scope::Visiting(_) => None,
        };
        if let Some(why) = why {
            return Err(ApiError::service_forbidden(info.forbidden_name()).because("permission", why, trace.partner));
        }
        let partner = established.account.as_ref().map_or(PartnerId::new(0), |account| account.partner.id);
        let wanted = match profile {
            Some(profile) => Some(profile.find(self, partner).await?),
            None => None,
        };
        let call = Call {
            node: self,
            action: info,
            request,
            now,
            session: session.as_ref(),
            account: established.account,
            permissions: &permissions,
            viewer: OnceCell::new(),
            headers,
            concerned: Mutex::default(),
        };
        let result = dispatch(&self.handlers, &call, args).await;
        let concerned = *call.concerned.lock();
        trace.counted = concerned.or(trace.counted);
        let mut out = result?;
        if let Some(wanted) = &wanted {
            response_profile::apply(&call, wanted, &mut out, &mut response_profile::Budget::default()).await?;
        }
        Ok(out)
    }

    /// Keeps a refusal for the account's owner. What it holds is no secret: no token, no argument.
    fn keep_refusal(&self, request: &RequestInfo, error: &ApiError, trace: Trace) {
        let info = trace.action.map(ActionId::info);
        let why = error.why();
        self.store.record_refusal(Refusal {
            request_id: request.id.clone(),
            at: self.now(),
            // Who called for certain comes first: it is the caller's request, whomever it was about.
            partner_id: trace
                .partner
                .filter(|_| trace.session.is_some())
                .or(why.and_then(|why| why.partner))
                .or(trace.partner),
            service: info.map_or_else(String::new, |info| info.service.to_owned()),
            action: info.map_or_else(String::new, |info| info.name.to_owned()),
            code: error.code().info().code.to_owned(),
            reason: why.map_or("request", |why| why.check).to_owned(),
            detail: why.map_or_else(|| error.code().info().meaning.to_owned(), |why| why.explanation.to_string()),
            user_id: trace.user.map(String::from),
            session_hash: trace.session,
        });
    }
}

/// Says in a header how long to wait, in whole seconds: for the first of several calls.
fn wait_for(headers: &Headers, excess: Excess) {
    let mut headers = headers.lock();
    if headers.iter().all(|(name, _)| name != RETRY_AFTER) {
        headers.push((RETRY_AFTER.to_owned(), excess.wait.as_secs().saturating_add(1).to_string()));
    }
}

fn find_action(call: &CallTree) -> Result<ActionId, ApiError> {
    let service = call.service().ok_or_else(ApiError::service_not_specified)?;
    if ActionId::service(service).is_none() {
        return Err(ApiError::service_does_not_exists(service));
    }
    let action = call.action().ok_or_else(ApiError::action_not_specified)?;
    ActionId::find(service, action).ok_or_else(|| ApiError::action_does_not_exists(action, service))
}

/// `multi`, or two letters.
fn check_language(call: &CallTree) -> Result<(), ApiError> {
    let Some(language) = call.language() else { return Ok(()) };
    let two_letters = language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_alphabetic());
    if two_letters || language.eq_ignore_ascii_case("multi") {
        Ok(())
    } else {
        Err(ApiError::invalid_language_code(language))
    }
}

fn requested_partner(call: &CallTree) -> Requested {
    let Some(text) = call.requested_partner() else { return Requested::None };
    // Plain digits, as nearly always, need no casting.
    let number = match text.parse() {
        Ok(number) => number,
        Err(_) => ks_schema::read::cast_int(&Tree::text(text)),
    };
    match partner_id(number) {
        None => Requested::Unknown,
        // Zero stands for nobody, with a session and without.
        Some(id) if id.get() == 0 => Requested::None,
        Some(id) => Requested::Partner(id),
    }
}

/// The privilege `reftime`: the moment from which relative times count.
fn reference_time(session: &Session) -> Option<i64> {
    session.ks.privileges.value("reftime")?.parse().ok()
}
