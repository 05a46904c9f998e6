//! Request bodies as the server's Go code reads them: lenient in keys, strict in types, with its error texts.

use serde_json::Value;

/// Why a body is refused, in the words of the server. Clients must not depend on them (docs/servers.md T69).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BodyError(pub(super) String);

/// The members of a JSON object. Keys are matched without regard to case, the last of equal ones wins, unknown ones
/// are ignored, and `null` is the same as absence.
#[derive(Debug)]
pub(super) struct Fields {
    members: Vec<(String, Value)>,
    /// How the server calls the structure, in error texts.
    name: &'static str,
}

impl Fields {
    /// Reads the first JSON value of a body; what follows it is ignored.
    pub(super) fn parse(body: &[u8], name: &'static str) -> Result<Self, BodyError> {
        match parse_value(body)? {
            Value::Object(members) => Ok(Self::of_object(members, name)),
            Value::Null => Ok(Self { members: Vec::new(), name }),
            other => {
                let kind = kind(&other);
                let target = if name.is_empty() { "struct" } else { name };
                Err(BodyError(format!("json: cannot unmarshal {kind} into Go value of type api.{target}")))
            }
        }
    }

    /// The members of an object inside a body.
    pub(super) fn of_object(members: serde_json::Map<String, Value>, name: &'static str) -> Self {
        let members = members.into_iter().map(|(key, value)| (key.to_lowercase(), value)).collect();
        Self { members, name }
    }

    pub(super) fn value(&self, field: &str) -> Option<&Value> {
        let found = self.members.iter().rev().find(|(key, _)| key == field);
        found.map(|(_, value)| value).filter(|value| !value.is_null())
    }

    fn mismatch(&self, value: &Value, field: &str, wanted: &str) -> BodyError {
        // Only where a number is wanted does the server say which one it found.
        let found = match value {
            Value::Number(number) if wanted != "string" && !wanted.starts_with("[]") => {
                format!("number {number}")
            }
            other => kind(other).to_owned(),
        };
        BodyError(format!(
            "json: cannot unmarshal {found} into Go struct field {}.{field} of type {wanted}",
            self.name
        ))
    }

    /// A text, empty if absent.
    pub(super) fn string(&self, field: &str) -> Result<String, BodyError> {
        match self.value(field) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other) => Err(self.mismatch(other, field, "string")),
        }
    }

    /// A whole number, zero if absent. `wanted` is the server's name of the type.
    pub(super) fn integer<T>(&self, field: &str, wanted: &str) -> Result<T, BodyError>
    where
        T: TryFrom<i64> + TryFrom<u64> + Default,
    {
        let Some(value) = self.value(field) else { return Ok(T::default()) };
        integer(value).ok_or_else(|| self.mismatch(value, field, wanted))
    }

    /// A list of texts, empty if absent.
    pub(super) fn strings(&self, field: &str) -> Result<Vec<String>, BodyError> {
        self.list(field, "[]string", |item| match item {
            Value::String(text) => Some(text.clone()),
            _ => None,
        })
    }

    /// A list of whole numbers, empty if absent.
    pub(super) fn integers<T>(&self, field: &str, wanted: &str) -> Result<Vec<T>, BodyError>
    where
        T: TryFrom<i64> + TryFrom<u64>,
    {
        self.list(field, wanted, integer)
    }

    fn list<T>(
        &self,
        field: &str,
        wanted: &str,
        item: impl Fn(&Value) -> Option<T>,
    ) -> Result<Vec<T>, BodyError> {
        let Some(value) = self.value(field) else { return Ok(Vec::new()) };
        let Value::Array(items) = value else { return Err(self.mismatch(value, field, wanted)) };
        let element = wanted.trim_start_matches("[]");
        items.iter().map(|value| item(value).ok_or_else(|| self.mismatch(value, field, element))).collect()
    }

    /// An object inside this one, empty if absent.
    pub(super) fn object(&self, field: &str, name: &'static str) -> Result<Self, BodyError> {
        match self.value(field) {
            None => Ok(Self { members: Vec::new(), name }),
            Some(Value::Object(members)) => Ok(Self::of_object(members.clone(), name)),
            Some(other) => Err(self.mismatch(other, field, "object")),
        }
    }
}

/// Reads a body that is a list of texts.
pub(super) fn parse_strings(body: &[u8]) -> Result<Vec<String>, BodyError> {
    match parse_value(body)? {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => {
            let text = |item: Value| match item {
                Value::String(text) => Ok(text),
                other => Err(BodyError(format!(
                    "json: cannot unmarshal {} into Go value of type string",
                    kind(&other)
                ))),
            };
            items.into_iter().map(text).collect()
        }
        other => {
            Err(BodyError(format!("json: cannot unmarshal {} into Go value of type []string", kind(&other))))
        }
    }
}

fn parse_value(body: &[u8]) -> Result<Value, BodyError> {
    // Broken UTF-8 inside strings is replaced, not refused.
    let text = String::from_utf8_lossy(body);
    if text.trim().is_empty() {
        return Err(BodyError("EOF".to_owned()));
    }
    let mut values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    match values.next() {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) if !error.is_eof() => {
            // The server names the byte, read as Latin-1.
            let offender = body.get(values.byte_offset()).copied().map_or(' ', char::from);
            Err(BodyError(format!("invalid character '{offender}' looking for beginning of value")))
        }
        _ => Err(BodyError("unexpected EOF".to_owned())),
    }
}

fn integer<T: TryFrom<i64> + TryFrom<u64>>(value: &Value) -> Option<T> {
    match (value.as_u64(), value.as_i64()) {
        (Some(number), _) => T::try_from(number).ok(),
        (None, Some(number)) => T::try_from(number).ok(),
        (None, None) => None,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(body: &str) -> String {
        let read = |body: &str| -> Result<(String, u8), BodyError> {
            let fields = Fields::parse(body.as_bytes(), "Req")?;
            Ok((fields.string("uid")?, fields.integer("flag", "uint8")?))
        };
        read(body).expect_err(body).0
    }

    #[test]
    fn bodies_are_refused_in_the_servers_words() {
        assert_eq!(error(""), "EOF");
        assert_eq!(error("{\"uid\":"), "unexpected EOF");
        assert_eq!(error("[]"), "json: cannot unmarshal array into Go value of type api.Req");
        assert_eq!(
            error("{\"uid\":1}"),
            "json: cannot unmarshal number into Go struct field Req.uid of type string"
        );
        let flag =
            |found| format!("json: cannot unmarshal {found} into Go struct field Req.flag of type uint8");
        assert_eq!(error("{\"flag\":300}"), flag("number 300"));
        assert_eq!(error("{\"flag\":-1}"), flag("number -1"));
        assert_eq!(error("{\"flag\":1.5}"), flag("number 1.5"));
        assert_eq!(error("{\"flag\":\"1\"}"), flag("string"));
        assert_eq!(error("\u{feff}{}"), "invalid character 'ï' looking for beginning of value");
    }

    #[test]
    fn keys_are_lenient() {
        let fields = Fields::parse(b"{\"UID\":\"a\",\"uid\":\"b\",\"x\":null} rest", "Req").unwrap();
        assert_eq!(fields.string("uid").unwrap(), "b");
        assert_eq!(fields.string("x").unwrap(), "");
        assert!(Fields::parse(b"null", "Req").is_ok());
    }
}
