//! The pictures of the demo shop, drawn when they are asked for: one drawing for each product, in the colour, the size or
//! the finish of each variant.
//!
//! All are flat shapes in three tones of one colour, lit from the upper left, on nothing but a soft shadow, so that the
//! colour of the page shows behind them.

mod colour;
mod home;
mod leisure;
mod outdoors;
mod svg;
mod workspace;

/// The picture of a name, such as `lamp-red`: what it shows and, after a hyphen, its colour, size or finish.
pub(crate) fn draw(name: &str) -> Option<String> {
    let (object, kind) = name.split_once('-')?;
    let departments = [home::draw, workspace::draw, outdoors::draw, leisure::draw];
    departments.iter().find_map(|draw| draw(object, kind)).map(svg::Svg::finish)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The names of the pictures in the demo shop.
    fn names() -> Vec<&'static str> {
        let shop = include_str!("../../../local/demo/shop.yaml");
        shop.split("/pictures/").skip(1).filter_map(|rest| Some(rest.split_once(".svg")?.0)).collect()
    }

    /// Whether elements are closed in order, and have attributes in quotes, each once. There is no text between them.
    fn is_well_formed(xml: &str) -> bool {
        let mut open = Vec::new();
        for tag in xml.split_inclusive('>') {
            let Some(tag) = tag.strip_prefix('<').and_then(|tag| tag.strip_suffix('>')) else { return false };
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop() != Some(name) {
                    return false;
                }
                continue;
            }
            let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
            let mut attributes = BTreeSet::new();
            while !rest.is_empty() {
                let Some((attribute, value)) = rest.split_once("=\"") else { return false };
                let Some((value, next)) = value.split_once('"') else { return false };
                if attribute.contains(['"', '<']) || value.contains(['<', '&']) || !attributes.insert(attribute) {
                    return false;
                }
                rest = next.trim_start();
            }
            if !closed {
                open.push(name);
            }
        }
        open.is_empty()
    }

    #[test]
    fn every_variant_of_the_demo_shop_has_a_picture_of_its_own() {
        let drawn: BTreeSet<_> =
            names().iter().map(|name| draw(name).unwrap_or_else(|| panic!("no picture of {name}"))).collect();
        assert_eq!(drawn.len(), include_str!("../../../local/demo/shop.yaml").matches("{ sku: ").count());
    }

    #[test]
    fn a_picture_is_well_formed_and_draws_nothing_but_shapes() {
        for name in names() {
            let svg = draw(name).unwrap();
            assert!(is_well_formed(&svg), "{name}: {svg}");
            let elements = svg.split('<').skip(1).filter_map(|tag| tag.split([' ', '>']).next());
            for element in elements.map(|element| element.trim_start_matches('/')) {
                assert!(["svg", "g", "path", "rect", "ellipse", "circle"].contains(&element), "{name}: {element}");
            }
        }
        for broken in ["<svg>", "<svg></g>", "<g a=\"1\" a=\"2\"/>", "<g a=1/>", "<g>text</g>", "<g a=\"&\"/>"] {
            assert!(!is_well_formed(broken), "{broken}");
        }
    }

    #[test]
    fn a_picture_is_at_most_4_kb() {
        let sizes: Vec<_> = names().iter().map(|name| (draw(name).unwrap().len(), *name)).collect();
        for (size, name) in &sizes {
            assert!(*size <= 4096, "{name}: {size} bytes");
        }
        assert!(sizes.iter().map(|(size, _)| size).sum::<usize>() / sizes.len() <= 2048);
    }

    #[test]
    fn an_unknown_name_draws_nothing() {
        for name in
            ["", "-", "lamp", "lamp-", "lamp-mauve", "lamp-red.svg", "Lamp-red", "sofa-red", "moon-50", "go-red"]
        {
            assert_eq!(draw(name), None, "{name}");
        }
    }

    #[test]
    fn a_thing_can_be_drawn_in_a_colour_that_is_not_sold() {
        assert!(draw("lamp-moss").is_some());
    }
}
