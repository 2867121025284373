//! The line of a resource in the text of a template, for messages.

/// The line of a resource, or of one of its events, counted from 1. Parameters and loops are found, too.
pub(super) fn line_of(text: &str, resource: &str, event: Option<&str>) -> Option<usize> {
    let lines: Vec<_> = text.lines().collect();
    let resources = lines.iter().position(|line| line.starts_with("Resources:")).unwrap_or_default();
    // A parameter stands outside of the resources.
    let at = find(&lines[resources..], resource).map(|line| resources + line).or_else(|| find(&lines, resource))?;
    let inside = event.and_then(|event| find(&lines[at..end_of(&lines, at)], event)).unwrap_or_default();
    Some(at + inside + 1)
}

/// The line that has this key, directly in the block that begins with the first line if possible, or else one from
/// which a loop makes it.
fn find(lines: &[&str], name: &str) -> Option<usize> {
    let with = |is_it: fn(&str, &str) -> bool| lines.iter().position(|line| keys(line).any(|key| is_it(key, name)));
    let inner = lines.iter().skip(1).find(|line| keys(line).next().is_some()).map(|line| indent(line));
    let direct = lines.iter().position(|line| Some(indent(line)) == inner && keys(line).next() == Some(name));
    direct.or_else(|| with(|key, name| key == name)).or_else(|| with(makes))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The line after a block: the next one that is not indented deeper than its first.
fn end_of(lines: &[&str], first: usize) -> usize {
    let mut after = (first + 1)..lines.len();
    let ends = |line: &str| !line.trim().is_empty() && indent(line) <= indent(lines[first]);
    after.find(|line| ends(lines[*line])).unwrap_or(lines.len())
}

/// The keys in a line: each text before a colon at which a value begins.
fn keys(line: &str) -> impl Iterator<Item = &str> {
    let line = if line.trim_start().starts_with('#') { "" } else { line };
    line.match_indices(':').filter_map(move |(colon, _)| {
        let before = &line[..colon];
        // The brace of `${Name}` is a part of a key.
        let begins = |(at, char): &(usize, char)| {
            char.is_whitespace() || matches!(char, ',' | '[') || (*char == '{' && !before[..*at].ends_with('$'))
        };
        let start = before.char_indices().rev().find(begins).map_or(0, |(at, char)| at + char.len_utf8());
        let is_key = line[colon + 1..].chars().next().is_none_or(char::is_whitespace);
        is_key.then(|| before[start..].trim_matches(['"', '\'']))
    })
}

/// Whether a loop's key, such as `${Consumer}Queue`, can make a name.
fn makes(key: &str, name: &str) -> bool {
    let mut parts = key.split("${").enumerate().map(|(number, part)| match number {
        0 => part,
        _ => part.split_once('}').map_or("", |(_, after)| after),
    });
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut last = "";
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        last = part;
    }
    key.contains("${") && name.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
Parameters: { Stage: { Type: String } }
Mappings:
  Consumers:
    Ship: { Name: ship }
Resources:
  # Route: this is a comment
  OneFunction:
    Events:
      Route: { Type: HttpApi }

  TwoFunction:
    Events:
      Queue: { Type: SQS, Flat: {} }
      Route: { Type: HttpApi }
  Fn::ForEach::Consumers:
    - Consumer
    - [Ship]
    - ${Consumer}Rule: {}
      "${Consumer}Queue": { Type: AWS::SQS::Queue }
      Dead${Consumer}Letters: {}
  Flat: { Type: AWS::SQS::Queue, Other: {} }
"#;

    #[test]
    fn the_line_is_the_one_where_the_name_is_declared() {
        let expected = [
            ("Stage", None, Some(2)),
            ("OneFunction", Some("Route"), Some(10)),
            ("TwoFunction", None, Some(12)),
            ("TwoFunction", Some("Route"), Some(15)),
            ("OneFunction", Some("Queue"), Some(8)),
            ("Fn::ForEach::Consumers", None, Some(16)),
            ("ShipRule", None, Some(19)),
            ("ShipQueue", None, Some(20)),
            ("DeadShipLetters", None, Some(21)),
            ("Flat", None, Some(22)),
            ("Nothing", None, None),
        ];
        for (resource, event, line) in expected {
            assert_eq!(line_of(TEXT, resource, event), line, "{resource} {event:?}");
        }
    }
}
