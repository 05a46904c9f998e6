//! A notice of the system.

use crate::Uid;

use super::JsonObject;

/// A notice of the system, types 1000 to 2000: `{"content":"{0} invited {1}","extra":[{"uid":"a","name":"Alice"},…]}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tip {
    /// The sentence, with `{0}`, `{1}`, … where names belong.
    pub template: String,
    /// The names.
    pub names: Vec<TipName>,
}

/// A user that a notice names.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "an id and a name")]
pub struct TipName {
    /// Who.
    pub uid: Uid,
    /// Their name, as the server knew it.
    pub name: String,
}

impl Tip {
    pub(super) fn read(keys: &JsonObject) -> Self {
        Self { template: keys.text_or_empty("content"), names: TipName::read_all(keys, "extra") }
    }

    pub(super) fn write(&self, keys: &mut JsonObject) {
        keys.write_text("content", &self.template);
        TipName::write_all(&self.names, keys, "extra");
    }

    /// The sentence with the names in it.
    pub fn text(&self) -> String {
        self.fill(|name| &name.name)
    }

    /// The sentence as one user reads it: with `you` for their own name.
    pub fn text_for(&self, uid: &Uid, you: &str) -> String {
        self.fill(|name| if name.uid == *uid { you } else { &name.name })
    }

    /// A placeholder without a name stays. Names are not looked into for placeholders.
    fn fill<'a>(&'a self, shown: impl Fn(&'a TipName) -> &'a str) -> String {
        let mut text = String::new();
        let mut rest = &*self.template;
        while let Some((before, behind)) = rest.split_once('{') {
            text.push_str(before);
            let name = behind.split_once('}').and_then(|(number, behind)| {
                let digits = number.bytes().all(|byte| byte.is_ascii_digit());
                let number: usize = number.parse().ok().filter(|_| digits)?;
                Some((self.names.get(number)?, behind))
            });
            if let Some((name, behind)) = name {
                text.push_str(shown(name));
                rest = behind;
            } else {
                text.push('{');
                rest = behind;
            }
        }
        text.push_str(rest);
        text
    }
}

impl TipName {
    pub(super) fn read_all(keys: &JsonObject, key: &str) -> Vec<Self> {
        let read = |keys: JsonObject| Self {
            uid: keys.id("uid").unwrap_or_default().into(),
            name: keys.text_or_empty("name"),
        };
        keys.objects(key).into_iter().map(read).collect()
    }

    pub(super) fn write_all(names: &[Self], keys: &mut JsonObject, key: &str) {
        if Self::read_all(keys, key) != names {
            let objects: Vec<JsonObject> = names.iter().map(Self::to_object).collect();
            keys.set_objects(key, &objects);
        }
    }

    fn to_object(&self) -> JsonObject {
        let mut keys = JsonObject::new();
        keys.set("uid", self.uid.as_str());
        keys.set("name", &*self.name);
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_take_their_places_and_nothing_else_changes() {
        let names = ["Alice", "{0}"].map(|name| TipName { uid: Uid::new(name), name: name.into() });
        let tip = |template: &str| Tip { template: template.into(), names: names.to_vec() };
        for (template, text) in [
            ("{0} invited {1}", "Alice invited {0}"),
            ("{1}{0}{1}", "{0}Alice{0}"),
            ("{2} {} {x} {-0} {+0} {00} { {0", "{2} {} {x} {-0} {+0} Alice { {0"),
            ("{{0}}", "{Alice}"),
            ("你 {0}", "你 Alice"),
            ("", ""),
        ] {
            assert_eq!(tip(template).text(), text, "{template}");
        }
        assert_eq!(tip("{0} invited {1}").text_for(&Uid::new("Alice"), "you"), "you invited {0}");
    }
}
