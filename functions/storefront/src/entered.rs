//! A form as it was entered, and what is wrong with it.

use lambda::Form;

use crate::shell::Shell;

/// The fields of a form, to show them again, and what is wrong with them. It never contains a password.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entered {
    values: Vec<(&'static str, String)>,
    faults: Vec<(&'static str, String)>,
}

impl Entered {
    /// These fields of a form.
    pub(crate) fn of(form: &Form, names: &[&'static str]) -> Self {
        let value = |name: &&'static str| Some((*name, form.text(name)?.to_owned()));
        Self { values: names.iter().filter_map(value).collect(), faults: Vec::new() }
    }

    /// With a value for a field that has none.
    #[must_use]
    pub(crate) fn or(mut self, name: &'static str, value: Option<&str>) -> Self {
        if let Some(value) = value.filter(|_| self.value(name).is_empty()) {
            self.values.push((name, value.to_owned()));
        }
        self
    }

    /// Puts another value into a field.
    pub(crate) fn replace(&mut self, name: &'static str, value: String) {
        self.values.retain(|(own, _)| *own != name);
        self.values.push((name, value));
    }

    /// Notes what is wrong with a field, as a sentence without its full stop. The first fault of a field counts.
    pub(crate) fn wrong(&mut self, name: &'static str, fault: String) {
        if self.fault(name).is_none() {
            self.faults.push((name, fault));
        }
    }

    /// Notes the fields that are empty, each with the key of the text that says so.
    pub(crate) fn require(&mut self, form: &Form, fields: &[(&'static str, &str)], shell: &Shell) {
        for (name, text) in fields.iter().filter(|(name, _)| form.text(name).is_none()) {
            self.wrong(name, shell.t(text));
        }
    }

    /// What was entered in a field.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(own, _)| *own == name).map_or("", |(_, value)| value)
    }

    /// What is wrong with a field.
    pub(crate) fn fault(&self, name: &str) -> Option<&str> {
        self.faults.iter().find(|(own, _)| *own == name).map(|(_, fault)| fault.as_str())
    }

    /// The wrong fields, in the order of the form.
    pub(crate) fn faults(&self) -> &[(&'static str, String)] {
        &self.faults
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_right(&self) -> bool {
        self.faults.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_entered_comes_back_but_for_what_nobody_asked_for() {
        let form = Form::from_pairs(&[("email", "a@b.example"), ("password", "secret")]);
        let entered = Entered::of(&form, &["email", "name"]).or("email", Some("x")).or("name", Some("Ada"));
        assert_eq!(
            (entered.value("email"), entered.value("name"), entered.value("password")),
            ("a@b.example", "Ada", "")
        );
    }

    #[test]
    fn a_field_has_one_fault() {
        let mut entered = Entered::default();
        entered.wrong("email", "first".to_owned());
        entered.wrong("email", "second".to_owned());
        assert_eq!((entered.fault("email"), entered.faults().len(), entered.is_right()), (Some("first"), 1, false));
    }
}
