//! XML: one document, no white space, empty elements as a pair.

use ks_schema::{ApiError, Out, OutObject};

use crate::number::{FloatStyle, write_float};
use crate::reference::is_secret;

/// Writes the whole document.
pub(super) fn write(body: &mut Vec<u8>, out: &Out, ignore_null: bool, seconds: f64) {
    let mut writer = Writer { body, ignore_null };
    writer.raw("<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result>");
    writer.value(out);
    writer.raw("</result><executionTime>");
    write_float(writer.body, seconds, FloatStyle::Text);
    writer.raw("</executionTime></xml>");
}

struct Writer<'a> {
    body: &'a mut Vec<u8>,
    ignore_null: bool,
}

impl Writer<'_> {
    fn raw(&mut self, markup: &str) {
        self.body.extend_from_slice(markup.as_bytes());
    }

    fn open(&mut self, name: &str) {
        self.body.push(b'<');
        self.raw(name);
        self.body.push(b'>');
    }

    fn close(&mut self, name: &str) {
        self.raw("</");
        self.raw(name);
        self.body.push(b'>');
    }

    /// What stands inside an element.
    fn value(&mut self, out: &Out) {
        match out {
            Out::Null | Out::File(_) => {}
            Out::Bool(true) => self.body.push(b'1'),
            Out::Bool(false) => self.body.push(b'0'),
            Out::Int(number) => self.raw(itoa::Buffer::new().format(*number)),
            Out::Float(number) => write_float(self.body, *number, FloatStyle::Text),
            Out::Text(content) => self.text(content),
            Out::Object(object) => self.object(object),
            Out::List(items) => {
                for item in items {
                    self.raw("<item>");
                    self.value(item);
                    self.raw("</item>");
                }
            }
            Out::Map(entries) => {
                for (key, value) in entries {
                    self.raw("<item><itemKey>");
                    self.text(key);
                    self.raw("</itemKey>");
                    self.value(value);
                    self.raw("</item>");
                }
            }
            Out::Error(error) => self.error(error),
        }
    }

    /// The class first, then every property: clients tell an absent element from an empty one.
    fn object(&mut self, object: &OutObject) {
        self.raw("<objectType>");
        self.raw(object.class.name);
        self.raw("</objectType>");
        for (info, value) in object.class.properties.iter().zip(&object.values) {
            let value = if is_secret(info.access) { &Out::Null } else { value };
            if self.ignore_null && matches!(value, Out::Null) {
                continue;
            }
            self.open(info.name);
            self.value(value);
            self.close(info.name);
        }
    }

    fn error(&mut self, error: &ApiError) {
        self.raw("<error><objectType>KalturaAPIException</objectType><code>");
        self.text(error.code().info().code);
        self.raw("</code><message>");
        self.text(&error.message());
        self.raw("</message><args>");
        for (name, value) in error.args() {
            self.raw("<item><objectType>KalturaApiExceptionArg</objectType><name>");
            self.text(name);
            self.raw("</name><value>");
            self.text(value);
            self.raw("</value></item>");
        }
        self.raw("</args></error>");
    }

    /// Text with the five escapes. A character that XML cannot carry at all (an argument of an error may echo
    /// one) becomes U+FFFD, since one such character makes the whole document unreadable.
    fn text(&mut self, content: &str) {
        let bytes = content.as_bytes();
        let mut written = 0;
        for (at, byte) in bytes.iter().enumerate() {
            let (replacement, length): (&str, usize) = match byte {
                b'&' => ("&amp;", 1),
                b'<' => ("&lt;", 1),
                b'>' => ("&gt;", 1),
                b'"' => ("&quot;", 1),
                b'\'' => ("&apos;", 1),
                b'\t' | b'\n' | b'\r' => continue,
                #[cfg(feature = "planted-bug")]
                0x1f => continue,
                0..0x20 => ("\u{fffd}", 1),
                // U+FFFE and U+FFFF are `ef bf be` and `ef bf bf`.
                0xef if matches!(bytes.get(at + 1..at + 3), Some([0xbf, 0xbe | 0xbf])) => ("\u{fffd}", 3),
                _ => continue,
            };
            self.body.extend_from_slice(&bytes[written..at]);
            self.raw(replacement);
            written = at + length;
        }
        self.body.extend_from_slice(&bytes[written..]);
    }
}
