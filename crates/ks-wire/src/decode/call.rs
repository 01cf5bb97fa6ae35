//! One call before it is read against its action's declaration.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use ks_schema::describe::{ActionInfo, Type};
use ks_schema::{ApiError, Map, Out, Tree, Upload};
use smol_str::{SmolStr, StrExt as _};

use crate::number::scalar_text;
use crate::reference::{self, ReferenceBudget};

/// One call: a service, an action, and the parameters that came with them.
///
/// The accessors read the parameters that every call may have; those of the action are in [`params`].
/// Its `Debug` shows no parameter, neither name nor value: a client that mixes up its encodings puts
/// secrets into either.
///
/// [`params`]: CallTree::params
#[derive(Clone)]
pub struct CallTree {
    service: Option<SmolStr>,
    action: Option<SmolStr>,
    /// All parameters, with `service`, `action`, `ks` and their like among them. An action may have a real
    /// parameter of such a name (`partnerId` of `session.start`): it is one and the same.
    pub params: Map,
    spare: Vec<(String, Upload)>,
}

impl fmt::Debug for CallTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallTree").field("params", &self.params.len()).finish_non_exhaustive()
    }
}

impl CallTree {
    pub(super) fn new(params: Map, spare: Vec<(String, Upload)>) -> Self {
        let lower_case = |name: &str| {
            let text = scalar_text(params.get(name)?)?;
            if text.is_empty() { None } else { Some(text.to_ascii_lowercase_smolstr()) }
        };
        Self { service: lower_case("service"), action: lower_case("action"), params, spare }
    }

    pub(super) fn add_spare(&mut self, name: String, upload: Upload) {
        self.spare.push((name, upload));
    }

    /// The service's id in lower case, in which services are looked up and named in errors.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        self.service.as_deref()
    }

    /// The action's name in lower case.
    #[must_use]
    pub fn action(&self) -> Option<&str> {
        self.action.as_deref()
    }

    /// The session token, unless it is empty.
    #[must_use]
    pub fn ks(&self) -> Option<Cow<'_, str>> {
        self.text("ks")
    }

    /// The partner that the caller wants to work on, as text: `p`, or else `partnerId`.
    #[must_use]
    pub fn requested_partner(&self) -> Option<Cow<'_, str>> {
        self.text("p").or_else(|| self.text("partnerId"))
    }

    /// The language asked for: two letters or `multi`, not checked here.
    #[must_use]
    pub fn language(&self) -> Option<Cow<'_, str>> {
        self.text("language")
    }

    /// The response profile, for [`crate::profile::read`].
    #[must_use]
    pub fn response_profile(&self) -> Option<&Tree> {
        self.params.get("responseProfile").filter(|profile| !matches!(profile, Tree::Null))
    }

    /// A scalar parameter as text, unless it is absent or empty.
    fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        scalar_text(self.params.get(name)?).filter(|text| !text.is_empty())
    }

    /// Replaces references such as `{1:result:objects:0:id}` in all parameters by what the calls before
    /// this one answered. Of each text one reference is replaced; one that leads nowhere becomes an empty
    /// text, and one to a call that has not run yet stays as it is.
    ///
    /// # Errors
    /// `PARAMETER_VALUE_OUT_OF_RANGE` when the budget, which all parts of a request share, does not suffice.
    pub fn resolve(&mut self, results: &[Out], budget: &mut ReferenceBudget) -> Result<(), ApiError> {
        reference::resolve(&mut self.params, results, budget)
    }

    /// Lets text parts of a multipart body serve as the files that the action declares: some clients send
    /// in-memory files without a file name.
    pub fn claim_files(&mut self, action: &ActionInfo) {
        for param in action.params.iter().filter(|param| matches!(param.ty, Type::File)) {
            if matches!(self.params.get(param.name), None | Some(Tree::Null | Tree::Text(_)))
                && let Some(at) = self.spare.iter().rposition(|(name, _)| name == param.name)
            {
                let (name, upload) = self.spare.swap_remove(at);
                self.params.insert(name.into(), Tree::File(Arc::new(upload)));
            }
        }
    }
}

/// Whether a common parameter must be copied into a part of a multirequest.
pub(super) fn is_absent(value: Option<&Tree>) -> bool {
    matches!(value, None | Some(Tree::Null))
}

/// Whether this is the name of the pseudo-service that bundles calls.
pub(super) fn is_multirequest(service: &str) -> bool {
    service.eq_ignore_ascii_case("multirequest")
}
