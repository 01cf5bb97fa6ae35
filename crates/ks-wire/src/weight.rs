//! How much an answer weighs before it is written.

use ks_schema::Out;

/// What a value takes beside its text.
const VALUE: usize = 8;

/// What a key or a property takes beside its value and its name: quotes and separators.
const ENTRY: usize = 4;

/// About how many bytes this answer takes, in memory as well as on the wire, so that a server can bound
/// what a multirequest gathers. Escapes do not count: they may make a text up to six times as long.
#[must_use]
pub fn weight(out: &Out) -> usize {
    match out {
        Out::Null | Out::Bool(_) | Out::Int(_) | Out::Float(_) => VALUE,
        Out::Text(text) => VALUE + text.len(),
        Out::Object(object) => {
            let properties = object.class.properties.iter().zip(&object.values);
            VALUE + properties.map(|(info, value)| ENTRY + info.name.len() + weight(value)).sum::<usize>()
        }
        Out::List(items) => VALUE + items.iter().map(weight).sum::<usize>(),
        Out::Map(entries) => {
            VALUE + entries.iter().map(|(key, value)| ENTRY + key.len() + weight(value)).sum::<usize>()
        }
        // The message repeats the arguments.
        Out::Error(error) => {
            let args: usize = error.args().map(|(name, text)| ENTRY + name.len() + text.len()).sum();
            VALUE + error.message().len() + args
        }
        Out::File(file) => VALUE + file.body.len(),
    }
}
