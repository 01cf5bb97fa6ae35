//! The table of errors: a closed enum, its descriptors, one constructor for each code.

use std::fmt::Write as _;

use super::model::Model;
use super::naming::{literal, snake, upper_camel};

pub(crate) fn render(model: &Model) -> String {
    let mut out = String::from(
        "//! Every error that the API can answer.\n\n\
         use std::fmt::Display;\n\n\
         use crate::describe::ErrorInfo;\nuse crate::ApiError;\n\n\
         /// The code of an error.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]\n\
         pub enum ErrorCode {\n",
    );
    for (code, error) in &model.errors {
        _ = writeln!(out, "/// `{code}`: {}.\n{},", error.meaning, upper_camel(code));
    }
    out.push_str("}\n\nimpl ErrorCode {\n/// Every code.\npub const ALL: &'static [Self] = &[\n");
    for (code, _) in &model.errors {
        _ = writeln!(out, "Self::{},", upper_camel(code));
    }
    out.push_str("];\n\n/// What is declared of the code.\n#[must_use]\npub const fn info(self) -> &'static ErrorInfo {\n&TABLE[self as usize]\n}\n}\n\n");
    out.push_str("static TABLE: &[ErrorInfo] = &[\n");
    for (code, error) in &model.errors {
        let args: Vec<String> = error.args.iter().map(|arg| literal(arg)).collect();
        _ = writeln!(
            out,
            "ErrorInfo {{ code: {}, args: &[{}], message: {}, meaning: {} }},",
            literal(code),
            args.join(", "),
            literal(&error.message),
            literal(&error.meaning)
        );
    }
    out.push_str("];\n\n/// One constructor for each code, so that arguments cannot be forgotten.\nimpl ApiError {\n");
    for (code, error) in &model.errors {
        let names: Vec<String> = error.args.iter().map(|arg| snake(arg)).collect();
        let params: Vec<String> = names.iter().map(|name| format!("{name}: impl Display")).collect();
        let values: Vec<String> = names.iter().map(|name| format!("{name}.to_string()")).collect();
        _ = writeln!(
            out,
            "/// `{code}`: {}.\n#[must_use]\npub fn {}({}) -> Self {{\nSelf::new(ErrorCode::{}, vec![{}])\n}}\n",
            error.meaning,
            snake(code),
            params.join(", "),
            upper_camel(code),
            values.join(", ")
        );
    }
    out.push_str("}\n");
    out
}
