//! Forms, as browsers post them.

use std::convert::Infallible;

use bytes::Bytes;
use futures::stream;
use garde::Validate;
use http::header;
use multer::Multipart;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::{Problem, Request, bind};

/// The largest form without files, in bytes. With files it may be as large as a request: API Gateway and Lambda let 6 MB
/// through, which is 4.5 MB of files.
const LARGEST_FORM: usize = 256 * 1024;

/// A form as a browser sends it. An empty field counts as absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    fields: Vec<(String, String)>,
    files: Vec<(String, Bytes)>,
}

impl Form {
    pub(crate) async fn of(request: &Request<'_>) -> Result<Self, Problem> {
        let kind = request.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        if let Ok(boundary) = multer::parse_boundary(kind) {
            let body = Bytes::copy_from_slice(request.body());
            let unreadable = |error| Problem::new(400, "malformed-form", "The form cannot be read").detail(error);
            return Self::of_parts(body, boundary).await.map_err(unreadable);
        }
        if request.body().len() > LARGEST_FORM {
            return Err(Problem::new(413, "body-too-large", "The form is too large")
                .detail(format_args!("Send at most {LARGEST_FORM} bytes.")));
        }
        if !kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
            return Err(Problem::new(415, "unsupported-media-type", "The media type is not supported")
                .detail("Send Content-Type: application/x-www-form-urlencoded or multipart/form-data."));
        }
        let mut form = Self::default();
        form_urlencoded::parse(request.body()).into_owned().for_each(|(name, value)| form.add(name, value));
        Ok(form)
    }

    async fn of_parts(body: Bytes, boundary: String) -> Result<Self, multer::Error> {
        let mut parts = Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await? {
            let (name, is_file) = (part.name().unwrap_or_default().to_owned(), part.file_name().is_some());
            let content = part.bytes().await?;
            if !is_file {
                form.add(name, String::from_utf8_lossy(&content).into_owned());
            } else if !content.is_empty() {
                form.files.push((name, content));
            }
        }
        Ok(form)
    }

    fn add(&mut self, name: String, value: String) {
        if !value.trim().is_empty() {
            self.fields.push((name, value));
        }
    }

    /// A form with these fields, for tests.
    pub fn from_pairs(pairs: &[(&str, &str)]) -> Self {
        let fields = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { fields, files: Vec::new() }
    }

    /// The text of a field, as it was entered.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields().find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// The content of a file.
    pub fn file(&self, name: &str) -> Option<&Bytes> {
        self.files.iter().find(|(own, _)| own == name).map(|(_, content)| content)
    }

    /// The names and the texts of its fields, in the order of the form. Files are left out.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Reads the fields of `T`, and no others.
    ///
    /// # Errors
    /// 422 with the wrong fields.
    pub fn read<T: DeserializeOwned + Validate<Context = ()> + JsonSchema + Send>(&self) -> Result<T, Problem> {
        bind::read_form(&bind::form_fields(self.fields())?)
    }
}
