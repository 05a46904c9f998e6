//! A place.

use std::borrow::Cow;

use super::{BuiltIn, ContentType, JsonObject};

/// A place: `{"type":6,"latitude":39.9,"longitude":116.4,"address":"…","url":"…"}`. Applications that follow the
/// documents of other SDKs give the same keys the numbers 10 or 17: read those with [`BuiltIn::read`].
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Location {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// The address, for people.
    pub address: String,
    /// Where a picture of the map is, where the sender made one.
    pub url: Option<String>,
}

impl Location {
    /// A place in degrees, with its address.
    pub fn new(latitude: f64, longitude: f64, address: impl Into<String>) -> Self {
        Self { latitude, longitude, address: address.into(), url: None }
    }

    /// Adds a picture of the map.
    #[must_use]
    pub fn map(self, url: impl Into<String>) -> Self {
        Self { url: Some(url.into()), ..self }
    }
}

impl BuiltIn for Location {
    const TYPE: ContentType = ContentType::LOCATION;

    fn read(keys: &JsonObject) -> Self {
        Self {
            latitude: keys.float("latitude").unwrap_or_default(),
            longitude: keys.float("longitude").unwrap_or_default(),
            address: keys.text_or_empty("address"),
            url: keys.text("url"),
        }
    }

    fn write(&self, keys: &mut JsonObject) {
        keys.write_float("latitude", self.latitude);
        keys.write_float("longitude", self.longitude);
        keys.write_text("address", &self.address);
        keys.write_optional_text("url", self.url.as_deref());
    }

    fn display_text(&self) -> Cow<'_, str> {
        super::built_in::labelled("[location]", &self.address)
    }

    fn searchable_text(&self) -> Cow<'_, str> {
        (&self.address).into()
    }
}
