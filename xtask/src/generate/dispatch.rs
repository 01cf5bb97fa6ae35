//! One trait for each service, and the dispatcher over all of them.

use std::fmt::Write as _;

use super::classes::rust_type;
use super::model::Model;
use super::naming::{snake, upper_camel};
use super::services::{actions, variant};

pub(crate) fn render(model: &Model) -> String {
    let mut out = String::from(
        "//! One trait for each service, and the dispatcher. A declared action without a handler does not compile.\n\n\
         use std::future::Future;\nuse std::pin::Pin;\n\n\
         use ks_schema::generated::services::Args;\n\
         use ks_schema::{ApiError, IntoOut, Out};\n\n\
         use crate::Call;\nuse crate::handlers::Handlers;\n\n",
    );
    for service in &model.services {
        _ = writeln!(
            out,
            "/// {}\npub mod {module} {{\nuse super::{{ApiError, Call, Future}};\npub use ks_schema::generated::services::{module}::*;\n\n/// What the service's handlers must do.\npub trait Service {{",
            service.description,
            module = snake(&service.id)
        );
        for (name, action) in &service.parsed {
            let kind = model.known_ty(&action.result);
            let result = rust_type(model, &kind, "ks_schema::generated::enums::", "ks_schema::generated::classes::")
                .replace("crate::File", "ks_schema::File");
            _ = writeln!(
                out,
                "/// {}\nfn {}(&self, call: &Call<'_>, args: {}) -> impl Future<Output = Result<{result}, ApiError>> + Send;\n",
                action.description,
                snake(name),
                upper_camel(name)
            );
        }
        out.push_str("}\n}\n\n");
    }
    out.push_str("/// Makes a handler's frame apart. Without optimisation the dispatcher would have room on the stack for one of each handler.\nfn apart<F: Future>(handler: impl FnOnce() -> F) -> Pin<Box<F>> {\nBox::pin(handler())\n}\n\n/// Hands a call to its handler. Each has a frame of its own, so that the largest does not make every call's as large.\n///\n/// # Errors\n/// Whatever the handler answers.\npub async fn dispatch(handlers: &Handlers, call: &Call<'_>, args: Args) -> Result<Out, ApiError> {\nOk(match args {\n");
    for (service, name, _) in actions(model) {
        _ = writeln!(
            out,
            "Args::{}(args) => apart(move || {module}::Service::{}(&handlers.{module}, call, *args)).await?.into_out(),",
            variant(service, name),
            snake(name),
            module = snake(service)
        );
    }
    out.push_str("})\n}\n");
    out
}
